"""What jobs took is kept by run, and MLflow tells it beside what was expected."""

from types import SimpleNamespace

import pytest
from musicgen_gcp.job import Identity, Took
from musicgen_gcp.settings import GcpSettings
from musicgen_gcp.spent import note_spent, spent_by

from musicgen.settings import settings
from musicgen.training.pipeline_run import PipelineRun

CONFIG = GcpSettings("project", "region", prices="serverless=1 gpu=4")
SPARK, TRAINING = Took(1800, "serverless", 1, 0.25), Took(900, "gpu", 2, 0.5)


@pytest.fixture(autouse=True)
def bucket(tracker, monkeypatch, tmp_path):
    monkeypatch.setenv("MUSICGEN_BUCKET", str(tmp_path / "bucket"))
    settings.cache_clear()
    yield
    settings.cache_clear()


def job(stage, took, run_id="manual__1"):
    identity = Identity(stage, "musicgen_pipeline", run_id, f"data.{stage}", -1)
    return SimpleNamespace(config=CONFIG, identity=identity, took=lambda job_id: took)


def metrics_of(client, run_id):
    found = client.get_run(run_id).data.metrics
    return {name: value for name, value in found.items() if name.startswith("cloud.")}


def test_a_training_and_its_pipeline_are_told(tracker):
    experiment_id = tracker.experiment_id("spent")
    run_id = tracker.client.create_run(experiment_id).info.run_id
    parent = PipelineRun.begin(tracker.client, experiment_id, "manual__1", {})
    note_spent(job("preprocess", SPARK), "one", None)
    note_spent(job("validate", SPARK), "two", None)
    for _ in range(2):
        note_spent(job("train", TRAINING), "three", run_id)
    told = {"cloud.seconds": 900, "cloud.usd": 2, "cloud.expected_usd": 4}
    assert metrics_of(tracker.client, run_id) == told
    assert metrics_of(tracker.client, parent.run_id) == {
        "cloud.preprocess_seconds": 1800,
        "cloud.validate_seconds": 1800,
        "cloud.train_seconds": 900,
        "cloud.usd": 3,
        "cloud.expected_usd": 4.5,
    }


def test_runs_are_kept_apart():
    note_spent(job("train", TRAINING, "manual__2"), "one", None)
    (spent,) = spent_by(job("train", TRAINING, "manual__2").identity)
    assert spent == {"stage": "train", "seconds": 900, "usd": 2, "expected_usd": 4}
    assert spent_by(job("train", TRAINING, "manual__3").identity) == []


def test_a_stage_does_not_fail_for_want_of_what_it_took(caplog):
    note_spent(job("train", Took(1, "abacus", 1, 1)), "one", None)
    note_spent(job("train", TRAINING), "two", "f" * 32)
    assert "No price is known for abacus" in caplog.messages[0]
    assert "What two took was not written down" in caplog.messages[-1]
