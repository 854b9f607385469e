import contextlib

import numpy as np
import pytest

from musicgen import storage
from musicgen.bundle import Bundle
from musicgen.errors import BadInput


@pytest.fixture
def bundle_uri(tmp_path):
    uri = (tmp_path / "bundle").as_uri()
    weights = {"kernel": np.arange(6, dtype=np.float32).reshape(2, 3)}
    Bundle("lstm", {"units": 2}, weights, {"x.onnx": b"graph"}, {"dataset_id": "d"}).save(uri)
    return uri


def test_round_trip(bundle_uri):
    bundle = Bundle.load(bundle_uri)
    assert bundle.family == "lstm"
    assert bundle.model["units"] == 2
    assert bundle.weights["kernel"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert bundle.files == {"x.onnx": b"graph"}
    assert bundle.provenance == {"dataset_id": "d"}


def test_tampered_bundle_is_refused(bundle_uri):
    storage.write_bytes(storage.join(bundle_uri, "weights.npz"), b"other")
    with pytest.raises(BadInput, match=r"weights.npz is not the file"):
        Bundle.load(bundle_uri)


def test_unfinished_bundle_does_not_exist(bundle_uri):
    storage.remove(storage.join(bundle_uri, "manifest.json"))
    with pytest.raises(BadInput, match="never finished"):
        Bundle.load(bundle_uri)


def test_pickled_weights_are_refused(tmp_path):
    uri = (tmp_path / "bundle").as_uri()
    Bundle("lstm", {}, {"evil": np.array([object()], dtype=object)}).save(uri)
    with pytest.raises(ValueError, match="allow_pickle"):
        Bundle.load(uri)


def of_size(units):
    kernel = np.zeros((units, 3), np.float32)
    return Bundle("lstm", {"units": units}, {"kernel": kernel}, {"x.onnx": bytes([units])})


@pytest.mark.parametrize("written", range(5))
@pytest.mark.parametrize("read", range(8))
def test_while_another_is_saved_over_it_nobody_reads_a_mixture(
    tmp_path, monkeypatch, read, written
):
    """Before any of the reads, the other may have been written as far as any of its files."""
    uri, other_uri = (tmp_path / "a").as_uri(), (tmp_path / "b").as_uri()
    of_size(2).save(uri)
    of_size(3).save(other_uri)
    digests = [Bundle.load(each).digest for each in (uri, other_uri)]
    names = ["model.json", "weights.npz", "x.onnx", "manifest.json"][:written]
    other = {name: storage.read_bytes(storage.join(other_uri, name)) for name in names}
    reads = []

    def saved_over(opened_uri, open_read=storage.open_read):
        if len(reads) == read:
            for name, data in other.items():
                storage.write_bytes(storage.join(uri, name), data)
        reads.append(opened_uri)
        return open_read(opened_uri)

    monkeypatch.setattr(storage, "open_read", saved_over)
    with contextlib.suppress(BadInput):
        found = Bundle.load(uri)
        units = 2 + digests.index(found.digest)
        assert found.model["units"] == units
        assert found.weights["kernel"].shape == (units, 3)
        assert found.files == {"x.onnx": bytes([units])}


def test_saved_over_another_it_holds_its_own_files_alone(bundle_uri):
    Bundle("lstm", {"units": 3}, {"kernel": np.zeros(2, np.float32)}).save(bundle_uri)
    found = Bundle.load(bundle_uri)
    assert found.files == {}
    assert found.model["units"] == 3
