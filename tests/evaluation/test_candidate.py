import os

import pytest
from bundles import lstm_bundle
from datasets import make_dataset

from musicgen import storage
from musicgen.errors import BadInput, MusicgenError
from musicgen.evaluation import tracking
from musicgen.evaluation.candidate import candidates_of_runs
from musicgen.evaluation.evaluate import evaluate
from musicgen.preprocess.dataset import Dataset
from musicgen.settings import settings
from musicgen.training.tracked_run import TrackedRun
from musicgen.training.tracking import Tracker

pytestmark = pytest.mark.slow


def start_run(tracker, **tags):
    tags = {f"musicgen.{key}": value for key, value in tags.items()}
    experiment = tracker.experiment_id("exercises")
    return tracker.client.create_run(experiment, tags=tags).info.run_id


def enter_model(tracker, run_id):
    """Enter a run's model, as its training does, and return its id."""
    experiment = tracker.experiment_id("exercises")
    run = TrackedRun(tracker.uri, tracker.client, experiment, run_id)
    return run.log_model("lstm", {}, {}, {})


def scores_of_model(tracker, model_id):
    """Return what the LoggedModel itself has: what MLflow's Models tab ranks by."""
    metrics = tracker.client.get_logged_model(model_id).metrics
    return [metric for metric in metrics if metric.key == "eval.score"]


def test_candidates_are_named_by_family_where_that_is_enough(tracker):
    one = start_run(tracker, family="lstm", bundle_uri="file:///1")
    two = start_run(tracker, family="lstm", bundle_uri="file:///2")
    gan = start_run(tracker, family="gan", bundle_uri="file:///3")
    assert [c.name for c in candidates_of_runs([one, gan])] == ["lstm", "gan"]
    assert [c.name for c in candidates_of_runs([one, two, one, gan])] == [
        f"lstm-{one[:8]}",
        f"lstm-{two[:8]}",
        "gan",
    ]
    assert candidates_of_runs([two])[0].bundle_uri == "file:///2"


def test_unknown_run_names_the_remedy(tracker):
    with pytest.raises(BadInput, match=r"knows no run 'nobody'.*`musicgen train` printed"):
        candidates_of_runs(["nobody"])


def test_a_run_that_trained_nothing_is_no_candidate(tracker):
    bare = start_run(tracker)
    with pytest.raises(BadInput, match=r"no tag musicgen\.family"):
        candidates_of_runs([bare])


def test_mlflow_away_is_no_bad_input(tracker, monkeypatch):
    """What is no bad input is tried again."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MUSICGEN_TRACKING_URI", "http://127.0.0.1:9")
    settings.cache_clear()
    try:
        with pytest.raises(MusicgenError, match=r"http://127\.0\.0\.1:9 does not answer") as caught:
            tracking.read_run("0" * 32)
    finally:
        monkeypatch.undo()
        settings.cache_clear()
        Tracker()  # MLflow's address is the process's
    assert not isinstance(caught.value, BadInput)


def test_an_evaluation_is_left_with_its_run_once(tracker, tmp_path):
    bucket = tmp_path.as_uri()
    lstm_bundle().save(storage.join(bucket, "bundle"))
    run_id = start_run(tracker, family="lstm", bundle_uri=storage.join(bucket, "bundle"))
    dataset_uri = make_dataset(tmp_path)
    model_id = enter_model(tracker, run_id)
    for _ in range(2):
        found = evaluate(candidates_of_runs([run_id]), dataset_uri, bucket, samples=4)
    run = tracker.client.get_run(run_id)
    assert run.data.tags[tracking.EVALUATION_TAG] == found.evaluation_uri
    assert run.data.metrics["eval.score"] == found.scores["lstm"]["score"]
    assert run.data.metrics["eval.polyphony"] == found.scores["lstm"]["measures"]["polyphony"]
    assert {"eval.aspect.rhythm", "eval.gate.copied", "eval.likeness.groove"} <= set(
        run.data.metrics
    )
    assert len(tracker.client.get_metric_history(run_id, "eval.score")) == 1
    (score,) = scores_of_model(tracker, model_id)
    assert score.value == found.scores["lstm"]["score"]
    assert dataset_uri.endswith(score.dataset_digest)
    names = [file.path for file in tracker.client.list_artifacts(run_id, "evaluation")]
    assert names == ["evaluation/report.html"]


def test_an_evaluation_that_mlflow_did_not_take_is_left_with_its_run_next_time(
    tracker, tmp_path, monkeypatch
):
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    def full(*_):
        raise MlflowException("database or disk is full\nand more")

    bucket = tmp_path.as_uri()
    lstm_bundle().save(storage.join(bucket, "bundle"))
    run_id = start_run(tracker, family="lstm", bundle_uri=storage.join(bucket, "bundle"))
    model_id = enter_model(tracker, run_id)
    asked = (candidates_of_runs([run_id]), make_dataset(tmp_path), bucket, 4)
    with monkeypatch.context() as failing:
        failing.setattr(MlflowClient, "log_text", full)
        with pytest.raises(MusicgenError, match=rf"{run_id} \(database or disk is full\)") as why:
            evaluate(*asked)
    assert not isinstance(why.value, BadInput)
    found = evaluate(*asked)
    assert found.reused
    tags = tracker.client.get_run(run_id).data.tags
    assert tags[tracking.EVALUATION_TAG] == found.evaluation_uri
    assert len(tracker.client.get_metric_history(run_id, "eval.score")) == 1
    assert len(scores_of_model(tracker, model_id)) == 1


def test_of_an_evaluation_that_was_asked_for_again_mlflow_shows_its_own_numbers(tracker, tmp_path):
    run_id = start_run(tracker)
    dataset = Dataset.open(make_dataset(tmp_path, pieces=6, bars=1))
    for number, name in enumerate(("a", "b")):
        storage.write_json(f"file://{tmp_path}/{name}/manifest.json", {})
        os.utime(tmp_path / name / "manifest.json", (1e9 + number, 1e9 + number))
    for name, score in (("a", 0.25), ("b", 0.5), ("a", 0.25)):
        tracking.record(run_id, f"file://{tmp_path}/{name}", {"score": score}, "<html>", dataset)
        run = tracker.client.get_run(run_id)
        assert run.data.metrics["eval.score"] == score
        assert run.data.tags[tracking.EVALUATION_TAG].endswith(name)
