import pytest

from musicgen.errors import MusicgenError
from musicgen.registry import closing
from musicgen.registry.closing import close_run
from musicgen.training.pipeline_run import PipelineRun

pytestmark = pytest.mark.slow


@pytest.fixture
def begun(tracker):
    """A pipeline run by name: its own run in MLflow, and of its trainings one in each status."""

    def begin(name):
        experiment = tracker.experiment_id("exercises")
        parent = PipelineRun.begin(tracker.client, experiment, name, {})
        children = {}
        for status in ("RUNNING", "FINISHED", "FAILED"):
            children[status] = tracker.client.create_run(experiment).info.run_id
            parent.adopt(children[status], status)
            tracker.client.update_run(children[status], status=status)
        return parent, children

    return begin


def status(tracker, run_id):
    return tracker.client.get_run(run_id).info.status


def test_what_died_without_a_word_is_ended(tracker, begun):
    parent, children = begun("manual__1")
    bystander, _ = begun("manual__2")
    assert set(close_run("manual__1").closed) == {parent.run_id, children["RUNNING"]}
    assert status(tracker, parent.run_id) == "FAILED"
    found = [status(tracker, run_id) for run_id in children.values()]
    assert found == ["KILLED", "FINISHED", "FAILED"]
    assert status(tracker, bystander.run_id) == "RUNNING"
    assert close_run("manual__1").closed == []


def test_of_two_that_began_together_one_is_left(tracker, begun):
    first, children = begun("manual__5")
    experiment = tracker.experiment_id("exercises")
    tags = {"musicgen.pipeline_run": "manual__5"}
    second = PipelineRun(
        tracker.client, tracker.client.create_run(experiment, tags=tags).info.run_id
    )
    child = tracker.client.create_run(experiment).info.run_id
    second.adopt(child, "gan.0")
    assert set(close_run("manual__5").closed) == {first.run_id, children["RUNNING"], child}
    assert status(tracker, first.run_id) == "FAILED"
    assert tracker.client.get_run(second.run_id).info.lifecycle_stage == "deleted"
    assert tracker.client.get_run(first.run_id).data.tags["musicgen.trained.gan.0"] == child


def test_a_run_that_ended_well_is_left_alone(tracker, begun):
    parent, children = begun("manual__3")
    tracker.client.set_terminated(children["RUNNING"])
    parent.end("FINISHED")
    assert close_run("manual__3").closed == []
    assert status(tracker, parent.run_id) == "FINISHED"


def test_what_mlflow_never_knew_needs_no_end(tracker):
    assert close_run("manual__4").closed == []


def test_mlflow_away_is_named(tracker, monkeypatch):
    from mlflow.exceptions import MlflowException

    def away():
        raise MlflowException("connection refused")

    monkeypatch.setattr(closing, "client", away)
    with pytest.raises(MusicgenError, match=r"does not answer \(connection refused\)"):
        close_run("manual__1")
