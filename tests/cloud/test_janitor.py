"""What bears our label and is over age goes, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from cloud import tasks
from cloud.tasks import Instance
from google.cloud import dataproc_v1
from google.cloud.aiplatform_v1 import types as vertex
from musicgen_gcp.janitor import sweep
from musicgen_gcp.settings import gcp_settings
from musicgen_operators import MusicgenStageOperator

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
OURS, THEIRS = {"app": "musicgen"}, {"app": "other"}


@pytest.fixture
def littered(cloud):
    """A cloud with a batch, a training and a cluster of ours, and the same of somebody else's."""
    for stage, arguments in (("validate", ["gs://music/x"]), ("train", ["lstm", "gs://music/x"])):
        operator = MusicgenStageOperator(task_id=stage, stage=stage, arguments=arguments)
        tasks.deferred(operator, Instance(task_id=stage))
    _leave_theirs(cloud)
    for name, labels in (("ours", OURS), ("theirs", THEIRS)):
        cluster = dataproc_v1.Cluster(cluster_name=name, labels=labels)
        cloud.clusters.create_cluster(dataproc_v1.CreateClusterRequest(cluster=cluster))
    return cloud


def _leave_theirs(cloud):
    """Let somebody else's batch and training be there, and run."""
    place, now = "projects/music/locations/europe-west1", datetime.now(UTC)
    cloud.batches.batches["theirs"] = dataproc_v1.Batch(
        name=f"{place}/batches/theirs",
        operation="projects/music/regions/europe-west1/operations/theirs",
        labels=THEIRS,
        create_time=now,
        state=dataproc_v1.Batch.State.RUNNING,
    )
    name = f"{place}/customJobs/99"
    cloud.custom_jobs.jobs[name] = vertex.CustomJob(
        name=name,
        display_name="theirs",
        labels=THEIRS,
        create_time=now,
        state=vertex.JobState.JOB_STATE_RUNNING,
    )


def test_what_is_young_stays(littered):
    assert sweep(gcp_settings(), DAY) == []


def test_what_runs_is_cancelled_and_what_has_ended_is_deleted(littered):
    tomorrow = datetime.now(UTC) + 2 * DAY
    lines = sweep(gcp_settings(), DAY, tomorrow)
    assert [line.rpartition(" ")[2] for line in lines] == ["cancelled", "deleted", "cancelled"]
    assert list(littered.clusters.clusters) == ["theirs"]
    tasks.wait_for(lambda: _states(littered, OURS) == ["CANCELLED", "JOB_STATE_CANCELLED"])
    assert len(sweep(gcp_settings(), DAY, tomorrow)) == 2
    assert _states(littered, OURS) == []
    assert _states(littered, THEIRS) == ["RUNNING", "JOB_STATE_RUNNING"]


def _states(cloud, labels):
    """Return the states of batches and trainings that bear these labels."""
    found = [*cloud.batches.batches.values(), *cloud.custom_jobs.jobs.values()]
    return [each.state.name for each in found if each.labels["app"] == labels["app"]]
