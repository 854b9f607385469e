"""Stages as jobs, over the provider's own hooks and triggers, and what may go wrong."""

from datetime import timedelta

import pytest
from airflow.sdk.exceptions import AirflowFailException
from cloud import tasks
from cloud.tasks import Instance
from musicgen_gcp.job import Identity
from musicgen_gcp.spent import spent_by
from musicgen_operators import MusicgenStageOperator

from musicgen.stages import StageFailed

pytestmark = pytest.mark.slow

NOWHERE = "gs://music/house/datasets/nowhere"
KINDS = ("serverless", "cluster", "vertex")


def stage_on(kind, monkeypatch, cloud):
    """Return a task whose stage ends soon, with bad input, on each kind of service."""
    if kind == "vertex":
        stage, arguments = "train", ["lstm", NOWHERE]
    else:
        monkeypatch.setenv("MUSICGEN_GCP_SPARK", kind)
        stage, arguments = "validate", [NOWHERE]
    if kind == "cluster":
        make_cluster(cloud)
    return MusicgenStageOperator(
        task_id="stage",
        stage=stage,
        arguments=arguments,
        execution_timeout=timedelta(minutes=10),
    )


def make_cluster(cloud):
    from google.cloud import dataproc_v1
    from musicgen_gcp.cluster import cluster_name

    name = cluster_name("musicgen_pipeline", "manual__1")
    cluster = dataproc_v1.Cluster(cluster_name=name)
    cloud.clusters.create_cluster(dataproc_v1.CreateClusterRequest(cluster=cluster))


@pytest.mark.parametrize("kind", KINDS)
def test_a_stages_own_words_come_back_and_bad_input_is_not_tried_again(kind, monkeypatch, cloud):
    operator, instance = stage_on(kind, monkeypatch, cloud), Instance()
    with pytest.raises(AirflowFailException, match=r"datasets/nowhere"):
        tasks.run(operator, instance)
    assert "nowhere" in instance.pushed["failure"]
    assert len(cloud.jobs.started) == 1
    (spent,) = spent_by(Identity.of(operator.stage, {"ti": instance}))
    assert spent["stage"] == operator.stage
    assert 0 < spent["usd"] < spent["expected_usd"], "it ended in seconds"


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_that_is_tried_again_finds_its_job(kind, monkeypatch, cloud):
    operator = stage_on(kind, monkeypatch, cloud)
    first = tasks.deferred(operator, Instance())
    second = tasks.deferred(operator, Instance(try_number=2))
    assert first.kwargs == second.kwargs
    assert len(cloud.jobs.started) == 1
    other = tasks.deferred(operator, Instance(task_id="data.other"))
    assert other.kwargs != first.kwargs


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_that_is_cleared_and_given_other_inputs_has_a_job_of_its_own(
    kind, monkeypatch, cloud
):
    operator = stage_on(kind, monkeypatch, cloud)
    first = tasks.deferred(operator, Instance())
    operator.arguments = [*operator.arguments[:-1], f"{NOWHERE}-else"]
    second = tasks.deferred(operator, Instance(try_number=2))
    assert second.kwargs != first.kwargs
    assert len(cloud.jobs.started) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_killing_a_waiting_task_cancels_its_job_and_that_is_a_failure(kind, monkeypatch, cloud):
    operator, instance = stage_on(kind, monkeypatch, cloud), Instance()
    deferral = tasks.deferred(operator, instance)
    tasks.kill(deferral)
    with pytest.raises(StageFailed, match=r"(?i)cancel"):
        tasks.resume(operator, deferral, instance)
    again = tasks.deferred(operator, Instance(try_number=2))
    assert again.kwargs["job_id"].removesuffix("-2") == deferral.kwargs["job_id"].removesuffix("-1")
    assert len(cloud.jobs.started) == 2
    tasks.kill(again)
    tasks.kill(again)
    assert cloud.jobs.running == []


@pytest.mark.parametrize("kind", KINDS)
def test_killing_a_task_that_does_not_wait_yet_cancels_its_job(kind, monkeypatch, cloud):
    operator, instance = stage_on(kind, monkeypatch, cloud), Instance()
    deferral = tasks.deferred(operator, instance)
    operator.on_kill()
    assert cloud.jobs.running == []
    with pytest.raises(StageFailed, match=r"(?i)cancel"):
        tasks.resume(operator, deferral, instance)


@pytest.mark.parametrize("kind", KINDS)
def test_a_machine_that_is_taken_away_is_a_failure_to_try_again(kind, monkeypatch, cloud):
    operator, instance = stage_on(kind, monkeypatch, cloud), Instance()
    cloud.faults.inject("preempted")
    with pytest.raises(StageFailed, match=r"exit code|non-zero"):
        tasks.run(operator, instance)
    assert "failure" in instance.pushed
    with pytest.raises(AirflowFailException, match=r"datasets/nowhere"):
        tasks.run(operator, Instance(try_number=2))
    assert len(cloud.jobs.started) == 2
    assert cloud.jobs.running == []


@pytest.mark.parametrize("kind", KINDS)
def test_want_of_quota_is_tried_again_and_want_of_rights_is_not(kind, monkeypatch, cloud):
    operator = stage_on(kind, monkeypatch, cloud)
    cloud.faults.inject("quota")
    with pytest.raises(StageFailed, match="Quota 'CPUS' exceeded"):
        operator.execute({"ti": Instance()})
    cloud.faults.inject("creation")
    with pytest.raises(AirflowFailException, match="may not do this"):
        operator.execute({"ti": Instance()})
    assert cloud.jobs.started == []


def test_a_triggerer_that_starts_again_waits_for_the_same_job(monkeypatch, cloud):
    operator, instance = stage_on("serverless", monkeypatch, cloud), Instance()
    deferral = tasks.deferred(operator, instance)
    for _ in range(2):
        tasks.stored(deferral)
    with pytest.raises(AirflowFailException):
        tasks.resume(operator, deferral, instance)
    assert len(cloud.jobs.started) == 1


# Of a cluster's jobs Google's client asks again by itself, for a quarter of an hour.
@pytest.mark.parametrize("kind", ["serverless", "vertex"])
def test_a_service_that_dies_in_mid_job_finds_nobody_starting_it_again(kind, monkeypatch, cloud):
    operator, instance = stage_on(kind, monkeypatch, cloud), Instance()
    deferral = tasks.deferred(operator, instance)
    with cloud.outage(), pytest.raises(StageFailed, match="did not start"):
        operator.execute({"ti": Instance(try_number=2)})
    again = tasks.deferred(operator, Instance(try_number=3))
    assert again.kwargs == deferral.kwargs
    assert len(cloud.jobs.started) == 1


@pytest.mark.parametrize("kind", ["serverless", "vertex"])
def test_a_service_that_dies_while_it_is_waited_for_still_has_the_job(kind, monkeypatch, cloud):
    operator, instance = stage_on(kind, monkeypatch, cloud), Instance()
    deferral = tasks.deferred(operator, instance)
    monkeypatch.setattr("musicgen_gcp.patience.PATIENCE_SECONDS", 1)
    with cloud.outage(), pytest.raises(StageFailed, match=r"Timeout of 1.0s exceeded.*503"):
        tasks.resume(operator, deferral, instance)
    with pytest.raises(AirflowFailException, match=r"datasets/nowhere"):
        tasks.run(operator, Instance(try_number=2))
    assert len(cloud.jobs.started) == 1


def test_all_that_costs_bears_labels_and_ends_by_itself(monkeypatch, cloud):
    tasks.deferred(stage_on("serverless", monkeypatch, cloud), Instance())
    tasks.deferred(stage_on("vertex", monkeypatch, cloud), Instance())
    (batch,) = cloud.batches.batches.values()
    (job,) = cloud.custom_jobs.jobs.values()
    for labels in (dict(batch.labels), dict(job.labels)):
        assert labels["app"] == "musicgen"
        assert labels["run"] == "manual__1"
    assert batch.environment_config.execution_config.ttl.seconds == 600
    assert job.job_spec.scheduling.timeout.seconds == 600
    assert batch.runtime_config.container_image == "example.com/musicgen:dataproc"


def test_the_cloud_needs_a_bucket_there(monkeypatch, cloud, tmp_path):
    from musicgen.settings import settings

    monkeypatch.setenv("MUSICGEN_BUCKET", str(tmp_path))
    settings.cache_clear()
    with pytest.raises(AirflowFailException, match="MUSICGEN_BUCKET=gs://"):
        stage_on("serverless", monkeypatch, cloud).execute({"ti": Instance()})
