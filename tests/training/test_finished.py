"""What becomes of a finished training when its MLflow is asked, and when another one is."""

from types import SimpleNamespace

import numpy as np
import pytest

from musicgen import manifest, storage
from musicgen.bundle import Bundle
from musicgen.training.backup_state import BackupState
from musicgen.training.checkpoints import checkpoint_names, checkpoint_uri
from musicgen.training.finished import TrainResult, clear, commit, finished, resumes

BUNDLE = Bundle("lstm", {"composers": []}, {"bias": np.zeros(1, np.float32)})


@pytest.fixture
def task(tmp_path):
    """A training that was finished in the run ``run-1``."""
    uri = (tmp_path / "training" / "abc").as_uri()
    done = SimpleNamespace(
        **{"uri": uri, "bundle_uri": f"{uri}/bundle", "backup_uri": f"{uri}/backup"},
        **{"trial": None, "parameters": dict, "drawn": dict},
    )
    BUNDLE.save(done.bundle_uri)
    BUNDLE.save(checkpoint_uri(uri, "epoch-0002"))
    storage.write_bytes(f"{uri}/listening.html", b"<p>")
    commit(done, TrainResult("run-1", done.bundle_uri, 1.0, {"loss": 2.0}, False, None, {}))
    return done


def state(git_sha):
    return BackupState(git_sha, 1, False, 1.0, {}, [], {"model/0": np.zeros(2, np.float32)})


def mlflow(*run_ids):
    return SimpleNamespace(exists=lambda run_id: run_id in run_ids)


def test_it_is_found_again(task):
    found = finished(task, mlflow("run-1"))
    assert (found.run_id, found.metrics, found.reused) == ("run-1", {"loss": 2.0}, True)


def test_an_mlflow_that_does_not_know_it_costs_nobody_the_model(task):
    assert finished(task, mlflow()) is None
    clear(task)
    assert not manifest.exists(task.uri), "it is trained again"
    assert checkpoint_names(task.uri) == [], "two trainings' checkpoints would be a mixture"
    assert storage.children(task.uri) == ["bundle"]
    assert Bundle.load(task.bundle_uri).family == "lstm"


def test_clearing_that_was_cut_short_is_done_again(task, monkeypatch):
    remove = storage.remove

    def killed(uri):
        if uri.endswith(manifest.NAME):
            raise KeyboardInterrupt
        remove(uri)

    with monkeypatch.context() as dying:
        dying.setattr(storage, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            clear(task)
    assert manifest.exists(task.uri)
    clear(task)
    assert storage.children(task.uri) == ["bundle"]


def test_a_training_goes_on_by_the_code_that_left_it_alone(task, caplog):
    caplog.set_level("INFO")
    state("now").save(task.backup_uri)
    assert not resumes(task, "now"), "it is finished"
    storage.remove(storage.join(task.uri, manifest.NAME))
    assert resumes(task, "now")
    assert "Other code" not in caplog.text
    assert not resumes(task, "later")
    assert "/backup; the training begins anew" in caplog.text
