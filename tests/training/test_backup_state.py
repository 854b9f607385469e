import io
import json

import numpy as np
import pytest

from musicgen import storage
from musicgen.training.backup_state import NAME, BackupState


@pytest.fixture
def uri(tmp_path):
    return (tmp_path / "backup").as_uri()


def saved(uri, git_sha="unknown"):
    arrays = {"model/0": np.arange(3, dtype=np.float32)}
    state = BackupState(git_sha, 2, False, 1.5, {"History": {"epoch": [0, 1]}}, [], arrays)
    state.save(uri)
    return state


def test_it_comes_back_whole(uri):
    assert BackupState.load(uri, "unknown") is None
    state = saved(uri)
    found = BackupState.load(uri, "unknown")
    np.testing.assert_array_equal(found.arrays.pop("model/0"), state.arrays.pop("model/0"))
    assert found == state


def test_what_other_code_left_is_as_if_it_were_not_there(uri, caplog):
    caplog.set_level("INFO")
    saved(uri, "old")
    assert BackupState.load(uri, "new") is None
    assert caplog.messages == [f"Other code left {uri}; the training begins anew."]


@pytest.mark.parametrize("change", [{"later": 1}, {"stopped": None}])
def test_so_is_what_has_other_facts(uri, change):
    saved(uri)
    with np.load(io.BytesIO(storage.read_bytes(f"{uri}/{NAME}"))) as archive:
        arrays = dict(archive)
    facts = json.loads(arrays.pop("facts").tobytes()) | change
    facts = {name: value for name, value in facts.items() if value is not None}
    buffer = io.BytesIO()
    np.savez(buffer, facts=np.frombuffer(json.dumps(facts).encode(), np.uint8), **arrays)
    storage.write_bytes(f"{uri}/{NAME}", buffer.getvalue())
    assert BackupState.load(uri, "unknown") is None


def test_it_fits_variables_of_the_same_names_and_shapes(uri):
    state = saved(uri)
    assert state.fits([("model/0", np.zeros(3))])
    assert not state.fits([("model/0", np.zeros(4))])
    assert not state.fits([("model/0", np.zeros(3)), ("model/1", np.zeros(3))])
