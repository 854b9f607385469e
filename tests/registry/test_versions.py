from concurrent.futures import ProcessPoolExecutor

import pytest
from bundles import lstm_bundle
from registry.deaths import run_and_die_at_line

from musicgen import manifest, storage
from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.registry import layout
from musicgen.registry.versions import publish


@pytest.fixture
def bucket(tmp_path):
    return tmp_path.as_uri()


def trained(bucket, seed):
    uri = storage.join(bucket, "training", str(seed), "bundle")
    if not manifest.exists(uri):
        lstm_bundle(seed, units=4, layers=1, embedding_dim=4).save(uri)
    return uri


def put(bucket, seed):
    return publish(bucket, "lstm", trained(bucket, seed), lambda version: f"# {version}\n")


def test_versions_are_numbered_and_hold_the_bundle_and_its_card(bucket):
    assert [put(bucket, seed) for seed in (5, 6)] == ["lstm-1", "lstm-2"]
    uri = layout.version_uri(bucket, "lstm-2")
    bundle = Bundle.load(uri)
    assert bundle.weights.keys() == Bundle.load(trained(bucket, 6)).weights.keys()
    assert bundle.files["MODEL_CARD.md"] == b"# lstm-2\n"
    assert manifest.load(uri)["version"] == "lstm-2"


def test_the_same_bundle_keeps_its_version(bucket):
    assert [put(bucket, seed) for seed in (5, 6, 5, 6)] == ["lstm-1", "lstm-2", "lstm-1", "lstm-2"]
    assert storage.children(layout.versions_uri(bucket, "lstm")) == ["1", "2"]


def test_tampered_bundle_is_refused(bucket):
    uri = trained(bucket, 5)
    storage.write_bytes(storage.join(uri, "model.json"), b"{}")
    with pytest.raises(BadInput, match=r"model\.json is not the file that was committed"):
        put(bucket, 5)
    assert storage.children(layout.versions_uri(bucket, "lstm")) == []


def test_tampered_version_is_refused(bucket):
    put(bucket, 5)
    uri = layout.version_uri(bucket, "lstm-1")
    storage.write_bytes(storage.join(uri, "weights.npz"), b"other")
    with pytest.raises(BadInput, match=r"weights\.npz is not the file"):
        Bundle.load(uri)


def test_publishers_at_once_get_different_numbers_and_equal_bundles_the_same(bucket):
    seeds = [0, 1, 2, 3, 0, 1, 2, 3]
    for seed in set(seeds):
        trained(bucket, seed)
    with ProcessPoolExecutor(8) as pool:
        versions = list(pool.map(put, [bucket] * 8, seeds))
    assert versions[:4] == versions[4:]
    assert sorted(versions[:4]) == ["lstm-1", "lstm-2", "lstm-3", "lstm-4"]
    for version in versions:
        Bundle.load(layout.version_uri(bucket, version))


def test_killed_at_any_line_the_version_is_whole_or_absent_and_the_next_completes_it(tmp_path):
    number, ended, stages = -6, False, set()
    while not ended:
        number += 7  # every seventh line: the loops over chunks make many
        bucket = (tmp_path / str(number)).as_uri()
        trained(bucket, 5)
        ended = run_and_die_at_line(number, lambda b=bucket: put(b, 5))
        uri = layout.version_uri(bucket, "lstm-1")
        stages.add(manifest.exists(uri))
        if manifest.exists(uri):
            manifest.verify(uri)
        assert put(bucket, 5) == "lstm-1"
        assert Bundle.load(uri).family == "lstm"
        assert put(bucket, 6) == "lstm-2"
    assert stages == {True, False}
