import subprocess

import pytest
from datasets import make_dataset

from musicgen import storage
from musicgen.errors import BadInput, MusicgenError
from musicgen.preprocess.dataset import Dataset
from musicgen.training import provenance
from musicgen.training.tracking import Tracker

pytestmark = pytest.mark.slow

TAGS = {"musicgen.bundle_uri": "file:///bucket/training/1/bundle"}
ROWS = [["loss", 1.5, 1000, 1], ["loss", 1.25, 2000, 2], ["learning_rate", 0.1, 2000, 2]]


@pytest.fixture(scope="module")
def tracker(home):
    return Tracker()


def test_a_run_goes_on_where_it_was(tracker):
    run = tracker.run("c", "lstm quick", TAGS)
    run.log_metrics(ROWS)
    run.end("FAILED")
    again = tracker.run("c", "lstm quick", TAGS)
    assert again.run_id == run.run_id
    assert tracker.client.get_run(run.run_id).info.status == "RUNNING"
    assert again.logged_metrics() == {("loss", 1), ("loss", 2), ("learning_rate", 2)}
    other = tracker.run("c", "lstm quick", {"musicgen.bundle_uri": "file:///other"})
    assert other.run_id != run.run_id


def test_what_begins_anew_has_a_run_of_its_own(tracker):
    here = {"musicgen.bundle_uri": "file:///anew", "musicgen.git_sha": "old"}
    first = tracker.run("c", "lstm quick", here)
    first.end("FAILED")
    assert tracker.run("c", "lstm quick", here).run_id == first.run_id
    first.end("FINISHED")
    second = tracker.run("c", "lstm quick", here)
    assert second.run_id != first.run_id
    assert tracker.client.get_run(first.run_id).info.status == "FINISHED"
    second.end("FAILED")
    newer = here | {"musicgen.git_sha": "new"}
    third = tracker.run("c", "lstm quick", newer)
    assert third.run_id not in (first.run_id, second.run_id)


def test_what_resumes_goes_on_in_its_run_and_tells_of_the_code_that_ends_it(tracker):
    here = {"musicgen.bundle_uri": "file:///resumed", "musicgen.git_sha": "old"}
    first = tracker.run("c", "lstm quick", here)
    first.end("FINISHED")
    again = tracker.run("c", "lstm quick", here | {"musicgen.git_sha": "new"}, resumes=True)
    assert again.run_id == first.run_id
    assert tracker.client.get_run(first.run_id).data.tags["musicgen.git_sha"] == "new"


def test_a_path_with_an_apostrophe_is_found_again(tracker):
    here = {"musicgen.bundle_uri": "file:///home/o'brien/bundle"}
    assert tracker.run("c", "lstm quick", here).run_id == tracker.run("c", "again", here).run_id


def test_metrics_and_models_logged_twice_are_there_once(tracker):
    run = tracker.run("c", "lstm quick", TAGS | {"musicgen.bundle_uri": "file:///twice"})
    run.log_metrics(ROWS)
    run.log_metrics(ROWS)
    assert len(tracker.client.get_metric_history(run.run_id, "loss")) == 2
    first = run.log_model("lstm", TAGS, {"units": 3}, {"val_loss": 1.0})
    assert run.log_model("lstm", TAGS, {"units": 3}, {"val_loss": 1.0}) == first


def test_only_what_the_best_epoch_came_to_is_called_best(tracker):
    run = tracker.run("c", "lstm quick", TAGS | {"musicgen.bundle_uri": "file:///best"})
    epoch = {"loss": 2.0, "val_loss": 1.0, "learning_rate": 6e-9, "best_epoch": 3.0}
    model_id = run.log_model("lstm", TAGS, {}, epoch | {"parameters": 70.0, "temperature": 0.9})
    found = {"best_val_loss": 1.0, "best_epoch": 3.0, "parameter_count": 70.0, "temperature": 0.9}
    assert tracker.client.get_run(run.run_id).data.metrics == found
    model = tracker.client.get_logged_model(model_id)
    assert {metric.key: metric.value for metric in model.metrics} == found


def test_a_deleted_run_does_not_exist(tracker):
    run = tracker.run("c", "lstm quick", {"musicgen.bundle_uri": "file:///deleted"})
    assert tracker.exists(run.run_id)
    tracker.client.delete_run(run.run_id)
    assert not tracker.exists(run.run_id)
    assert not tracker.exists("0" * 32)


def test_a_start_is_a_run_or_a_bundle(tracker):
    run = tracker.run("c", "lstm quick", {"musicgen.bundle_uri": "gs://b/start"})
    assert tracker.bundle_uri(run.run_id) == "gs://b/start"
    assert tracker.bundle_uri("gs://b/other/") == "gs://b/other"
    with pytest.raises(BadInput, match="knows no training 000"):
        tracker.bundle_uri("0" * 32)
    with pytest.raises(BadInput, match=r"nope is no MLflow run, .* no bundle at /.*/nope"):
        tracker.bundle_uri("nope")


def test_an_experiment_opens_among_trained_models(tracker):
    experiment = tracker.client.get_experiment(tracker.experiment_id("kind"))
    assert experiment.tags["mlflow.experimentKind"] == "custom_model_development"


def test_artifacts_behind_a_server_are_not_for_its_database_alone(tracker):
    tracker.client.create_experiment("musicgen-served", "mlflow-artifacts:/1")
    with pytest.raises(BadInput, match="MUSICGEN_TRACKING_URI=http"):
        tracker.experiment_id("served")


def test_a_deleted_experiment_is_named(tracker):
    tracker.client.delete_experiment(tracker.experiment_id("gone"))
    with pytest.raises(MusicgenError, match="musicgen-gone was deleted"):
        tracker.experiment_id("gone")


def test_a_server_that_is_away_is_named(home, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    away = Tracker("http://127.0.0.1:9")
    try:
        with pytest.raises(MusicgenError, match=r"http://127\.0\.0\.1:9 doesn't answer"):
            away.experiment_id("c")
        with pytest.raises(MusicgenError, match="doesn't answer"):
            away.exists("0" * 32)
    finally:
        Tracker()  # MLflow's address is the process's


def test_provenance_names_each_link(tmp_path, monkeypatch):
    dataset = Dataset.open(make_dataset(tmp_path, pieces=6, bars=1))
    assert provenance.verdict(dataset) == "none"
    verdict_uri = storage.join(dataset.uri, "validation", "verdict.json")
    storage.write_json(verdict_uri, {"success": True})
    origin = provenance.provenance(dataset)
    assert origin["validation"] == "passed"
    assert origin["dataset_id"] == dataset.dataset_id
    assert origin["corpus_digest"] == dataset.corpus_digest
    storage.write_json(verdict_uri, {"success": False})
    assert provenance.verdict(dataset) == "failed"


def test_git_sha_without_git(monkeypatch):
    def no_git(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr(subprocess, "run", no_git)
    monkeypatch.setenv("MUSICGEN_GIT_SHA", "abc123")
    assert provenance.git_sha() == "abc123"
    monkeypatch.delenv("MUSICGEN_GIT_SHA")
    assert provenance.git_sha() == "unknown"
