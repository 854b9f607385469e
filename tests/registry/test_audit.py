import logging

import pytest
from registry.reigns import crown

from musicgen import cli_registry
from musicgen.errors import BadInput, MusicgenError
from musicgen.registry import rollback
from musicgen.registry.audit import AuditResult, audit
from musicgen.settings import settings
from musicgen.training.tracking import Tracker

pytestmark = pytest.mark.slow


def run_id(tracker):
    experiment = tracker.experiment_id("exercises")
    return tracker.client.create_run(experiment).info.run_id


def test_disagreement_is_told_and_mended_on_request(tracker, tmp_path, caplog):
    caplog.set_level(logging.INFO, "musicgen")
    bucket = tmp_path.as_uri()
    assert audit(bucket).disagreements == []
    first = run_id(tracker)
    crown(bucket, "lstm", 1, first)
    told = f"nobody the champion of lstm, the bucket lstm-1 (run {first})"
    assert audit(bucket).disagreements == [f"MLflow calls {told}"]
    mended = audit(bucket, mend=True)
    assert (mended.disagreements, mended.mended) == ([], [f"MLflow called {told}"])
    assert f"Mended: MLflow called {told}" in caplog.text
    assert audit(bucket).champions == {"overall": "lstm-1", "lstm": "lstm-1"}
    crown(bucket, "lstm", 2, run_id(tracker))
    (said,) = audit(bucket).disagreements
    assert said.startswith(f"MLflow calls lstm-1 (run {first}) the champion of lstm, the bucket")
    assert audit(bucket, mend=True).disagreements == []


def test_the_alarm_names_every_way_to_mend(monkeypatch):
    found = AuditResult(["MLflow calls nobody the champion of lstm"], [], {})
    monkeypatch.setattr("musicgen.registry.audit.audit", lambda *_: found)
    with pytest.raises(MusicgenError) as alarm:
        cli_registry.audit("file:///bucket")
    assert "`musicgen housekeeping audit --mend`" in str(alarm.value)
    assert "*Mend MLflow*" in str(alarm.value)


def test_an_alias_without_a_champion_is_taken_away(tracker, tmp_path):
    crown((tmp_path / "a").as_uri(), "gan", 1, run_id(tracker))
    audit((tmp_path / "a").as_uri(), mend=True)
    (tmp_path / "b").mkdir()
    empty = (tmp_path / "b").as_uri()
    assert "the bucket nobody" in " ".join(audit(empty).disagreements)
    assert audit(empty, mend=True).disagreements == []


def test_without_a_bucket_no_alias_is_taken_away(tracker, tmp_path):
    absent = tmp_path / "absent"
    assert audit(absent.as_uri()).disagreements == []
    crown((tmp_path / "a").as_uri(), "gan", 1, run_id(tracker))
    audit((tmp_path / "a").as_uri(), mend=True)
    with pytest.raises(BadInput, match=f"There is no bucket at {absent}"):
        audit(absent.as_uri(), mend=True)
    assert audit((tmp_path / "a").as_uri()).disagreements == []


def test_a_run_that_mlflow_lost_stays_a_disagreement(tracker, tmp_path):
    bucket = tmp_path.as_uri()
    crown(bucket, "gan", 1, "0" * 32)
    assert len(audit(bucket, mend=True).disagreements) == 1


def test_mlflow_away_is_named(tracker, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MUSICGEN_TRACKING_URI", "http://127.0.0.1:9")
    settings.cache_clear()
    try:
        with pytest.raises(MusicgenError, match=r"http://127\.0\.0\.1:9 does not answer"):
            audit(tmp_path.as_uri())
    finally:
        monkeypatch.undo()
        settings.cache_clear()
        Tracker()


def test_a_rollback_of_one_family_is_told_while_both_have_champions(
    tracker, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(rollback, "smoke", lambda *_, **__: {})
    bucket = tmp_path.as_uri()
    crown(bucket, "lstm", 1, run_id(tracker))
    for seed in (2, 3):
        crown(bucket, "gan", seed, run_id(tracker), channels=())
    audit(bucket, mend=True)
    assert rollback.rollback(bucket, channel_name="gan").version == "gan-1"
    assert audit(bucket).disagreements == []
    # One that was killed before MLflow heard of it is told when it is asked for again.
    monkeypatch.setattr(rollback, "announce", lambda *_: None)
    rollback.rollback(bucket, "gan-2", "gan")
    assert audit(bucket).disagreements
    monkeypatch.undo()
    assert not rollback.rollback(bucket, "gan-2", "gan").moved
    assert audit(bucket).disagreements == []
    assert "did not take" not in caplog.text
