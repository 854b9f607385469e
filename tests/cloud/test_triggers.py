"""Trouble of Google's services while a job is waited for, which must not cost the task."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from cloud import tasks
from google.cloud import dataproc_v1 as dataproc
from google.cloud.aiplatform_v1 import types as vertex

pytestmark = pytest.mark.slow


@pytest.fixture(params=["batch", "training"])
def trigger(request, cloud):
    """What waits for a job that has ended well; nobody has seen that yet."""
    from musicgen_gcp.triggers import BatchTrigger, TrainingTrigger

    if request.param == "batch":
        cloud.batches.batches["b"] = dataproc.Batch(state=dataproc.Batch.State.SUCCEEDED)
        return BatchTrigger(batch_id="b", project_id="music", region="r")
    name = "projects/music/locations/r/customJobs/1"
    done = vertex.CustomJob(name=name, state=vertex.JobState.JOB_STATE_SUCCEEDED)
    cloud.custom_jobs.jobs[name] = done
    return TrainingTrigger(custom_job_id="1", project_id="music", location="r")


def ended_well(event):
    return event.get("batch_state") == "SUCCEEDED" or event.get("status") == "success"


def test_a_services_own_errors_are_borne(trigger, cloud):
    cloud.faults.inject("trouble", times=2)
    assert ended_well(tasks.event_of(trigger))
    assert not cloud.faults.strikes("trouble")


def test_an_outage_is_borne(trigger, cloud, caplog):
    with ThreadPoolExecutor(1) as pool:
        with cloud.outage():
            event = pool.submit(tasks.event_of, trigger)
            tasks.wait_for(lambda: "asked again" in caplog.text)
        assert ended_well(event.result())


def test_patience_is_for_half_an_hour(trigger, cloud, monkeypatch):
    from musicgen_gcp import patience

    assert patience.PATIENCE_SECONDS == 1800
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0)
    with cloud.outage():
        event = tasks.event_of(trigger)
    assert not ended_well(event)
    assert "503" in event.get("message", event.get("batch_state_message"))
