"""What bears our label and is over age goes, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from cloud import tasks
from cloud.tasks import Instance
from google.cloud import dataproc_v1
from musicgen_gcp.janitor import sweep
from musicgen_gcp.settings import gcp_settings
from musicgen_operators import MusicgenStageOperator

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)


@pytest.fixture
def littered(cloud):
    """A cloud with a batch, a training and a cluster of ours, and a cluster of somebody else's."""
    for stage, arguments in (("validate", ["gs://music/x"]), ("train", ["lstm", "gs://music/x"])):
        operator = MusicgenStageOperator(task_id=stage, stage=stage, arguments=arguments)
        tasks.deferred(operator, Instance(task_id=stage))
    for name, labels in (("ours", {"app": "musicgen"}), ("theirs", {"app": "other"})):
        cluster = dataproc_v1.Cluster(cluster_name=name, labels=labels)
        cloud.clusters.create_cluster(dataproc_v1.CreateClusterRequest(cluster=cluster))
    return cloud


def test_what_is_young_stays(littered):
    assert sweep(gcp_settings(), DAY) == []


def test_what_runs_is_cancelled_and_what_has_ended_is_deleted(littered):
    tomorrow = datetime.now(UTC) + 2 * DAY
    lines = sweep(gcp_settings(), DAY, tomorrow)
    assert [line.rpartition(" ")[2] for line in lines] == ["cancelled", "deleted", "cancelled"]
    assert list(littered.clusters.clusters) == ["theirs"]
    tasks.wait_for(lambda: _states(littered) == {"CANCELLED", "JOB_STATE_CANCELLED"})
    assert len(sweep(gcp_settings(), DAY, tomorrow)) == 2
    assert not littered.batches.batches
    assert not littered.custom_jobs.jobs


def _states(cloud):
    found = [*cloud.batches.batches.values(), *cloud.custom_jobs.jobs.values()]
    return {each.state.name for each in found}
