"""Removing what bears our label and is over age, for whatever reason it was left."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from airflow.providers.google.cloud.hooks.dataproc import DataprocHook
from airflow.providers.google.cloud.hooks.vertex_ai.custom_job import CustomJobHook
from google.cloud.aiplatform_v1.types import JobState

from musicgen_gcp.job import MARK
from musicgen_gcp.settings import GcpSettings
from musicgen_gcp.triggers import ENDED, cancel_batch, cancel_training

TRAINING_ENDED = (
    JobState.JOB_STATE_SUCCEEDED,
    JobState.JOB_STATE_FAILED,
    JobState.JOB_STATE_CANCELLED,
    JobState.JOB_STATE_EXPIRED,
)


def sweep(config: GcpSettings, maximum_age: timedelta, now: datetime | None = None) -> list[str]:
    """Cancel what still runs, delete what has ended, and return a line for each.

    Nothing of ours runs longer than a task's time limit, so choose an age well above that. Nothing
    that lacks the label ``app=musicgen`` is touched.
    """
    before = (now or datetime.now(UTC)) - maximum_age
    return [
        *_batches(config, before),
        *_clusters(config, before),
        *_trainings(config, before),
    ]


def _batches(config: GcpSettings, before: datetime) -> Iterator[str]:
    hook = DataprocHook(gcp_conn_id=config.connection)
    for batch in list(hook.list_batches(**config.where)):
        if not _is_ours(batch.labels) or batch.create_time > before:
            continue
        batch_id = batch.name.rpartition("/")[2]
        if batch.state in ENDED:
            hook.delete_batch(batch_id=batch_id, **config.where)
            yield f"batch {batch_id}: deleted"
        else:
            cancel_batch(hook, batch_id, **config.where)
            yield f"batch {batch_id}: cancelled"


def _clusters(config: GcpSettings, before: datetime) -> Iterator[str]:
    hook = DataprocHook(gcp_conn_id=config.connection)
    for cluster in list(hook.list_clusters(filter_=f"labels.app = {MARK}", **config.where)):
        born = [cluster.status, *cluster.status_history][-1].state_start_time
        if _is_ours(cluster.labels) and born <= before:
            hook.delete_cluster(cluster_name=cluster.cluster_name, **config.where)
            yield f"cluster {cluster.cluster_name}: deleted"


def _trainings(config: GcpSettings, before: datetime) -> Iterator[str]:
    hook = CustomJobHook(gcp_conn_id=config.connection)
    listed = hook.list_custom_jobs(
        filter=f"labels.app={MARK}", page_size=None, page_token=None, read_mask=None, **config.where
    )
    for job in list(listed):
        if not _is_ours(job.labels) or job.create_time > before:
            continue
        number = job.name.rpartition("/")[2]
        if job.state in TRAINING_ENDED:
            hook.delete_custom_job(custom_job=number, **config.where)
            yield f"custom job {number}: deleted"
        else:
            cancel_training(hook, number, **config.where)
            yield f"custom job {number}: cancelled"


def _is_ours(labels) -> bool:
    return labels.get("app") == MARK
