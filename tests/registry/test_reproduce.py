import pytest
from datasets import make_dataset

from musicgen import manifest, storage
from musicgen.errors import BadInput
from musicgen.registry import layout
from musicgen.registry.reproduce import REPRODUCES_TAG, reproduce
from musicgen.registry.versions import publish
from musicgen.training.job import train
from musicgen.training.tracking import Tracker

pytestmark = pytest.mark.slow

SMALL = {
    "epochs": 1,
    "steps_per_epoch": 3,
    "batch_size": 2,
    "samples_every": 0,
    "units": 8,
    "embedding_dim": 8,
    "window_tokens": 16,
    "valid_window_tokens": 32,
    "valid_windows": 2,
}


@pytest.fixture(scope="module")
def bucket(tracker, tmp_path_factory):
    """A bucket with one published version."""
    uri = tmp_path_factory.mktemp("bucket").as_uri()
    dataset_uri = make_dataset(storage.local_path(uri), pieces=6, bars=2)
    trained = train("lstm", dataset_uri, uri, seed=4, overrides=SMALL)
    publish(uri, "lstm", trained.model_uri, lambda version: f"# {version}\n")
    return uri


def test_what_is_trained_again_is_the_same(bucket):
    result = reproduce(bucket, "lstm-1")
    assert (result.identical, result.largest_difference, result.same_music) == (True, 0.0, 1.0)
    then, now = result.metrics["val_nats_per_frame"]
    assert then == now
    assert result.same_code
    assert not result.reused
    assert "/reproductions/lstm-1/training/" in result.model_uri
    tags = Tracker().client.get_run(result.run_id).data.tags
    assert tags[REPRODUCES_TAG] == "lstm-1"


def test_a_difference_is_found(bucket):
    uri = layout.version_uri(bucket, "lstm-2")
    first = layout.version_uri(bucket, "lstm-1")
    from musicgen.bundle import Bundle

    changed = Bundle.load(first)
    changed.files.clear()
    changed.weights["output_bias"][:] += 0.5
    changed.weights["projection_bias"][:] *= -3
    changed.save(uri)
    again = reproduce(bucket, "lstm-2")
    assert not again.identical
    assert again.largest_difference >= 0.5
    assert storage.exists(again.model_uri)


@pytest.mark.parametrize("version", ["lstm-99", "xyz"])
def test_what_is_no_version_is_told_with_how_they_are_named(bucket, version):
    with pytest.raises(BadInput, match=f"no version '{version}' in .*named like lstm-3"):
        reproduce(bucket, version)


def test_a_version_that_lost_its_chain_is_named(bucket):
    uri = layout.version_uri(bucket, "lstm-3")
    storage.write_bytes(storage.join(uri, "model.json"), b"{}")
    with pytest.raises(BadInput, match="missing or was never finished"):
        reproduce(bucket, "lstm-3")
    first = layout.version_uri(bucket, "lstm-1")
    for name in storage.names(first):
        storage.write_bytes(storage.join(uri, name), storage.read_bytes(storage.join(first, name)))
    document = manifest.load(first)
    manifest.commit(uri, document["files"], format_version=1, family="lstm", provenance={})
    with pytest.raises(BadInput, match="lstm-3 does not say how it was trained"):
        reproduce(bucket, "lstm-3")
