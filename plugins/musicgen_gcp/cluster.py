"""Spark stages on an ephemeral Dataproc cluster: made before them, deleted after them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from airflow.providers.google.cloud.hooks.dataproc import DataprocHook
from airflow.providers.google.cloud.operators.dataproc import (
    DataprocCreateClusterOperator,
    DataprocDeleteClusterOperator,
)
from airflow.providers.google.cloud.triggers.dataproc import DataprocSubmitTrigger
from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.dataproc_v1 import Job, JobStatus

from musicgen_gcp.cost import SPARK_STAGE_HOURS
from musicgen_gcp.job import MARK, CloudJob, Found, Took, command_line
from musicgen_gcp.settings import GcpSettings
from musicgen_gcp.spark_main import upload_main

BAD = (
    JobStatus.State.ERROR,
    JobStatus.State.CANCELLED,
    JobStatus.State.CANCEL_PENDING,
    JobStatus.State.CANCEL_STARTED,
)
NAME = "musicgen-{{ macros.uuid.uuid5(macros.uuid.NAMESPACE_OID, dag.dag_id ~ run_id).hex[:20] }}"
IDLE_SECONDS = 20 * 60
MAXIMUM_AGE_SECONDS = 6 * 3600


class ClusterJob(CloudJob):
    """A job on the run's cluster; its id is the job's id, so that nobody can start it twice."""

    @property
    def _hook(self) -> DataprocHook:
        return DataprocHook(gcp_conn_id=self.config.connection)

    def find(self, job_id: str) -> Found | None:
        """See ``CloudJob``."""
        try:
            job = self._hook.get_job(job_id=job_id, **self.config.where)
        except NotFound:
            return None
        return Found(job_id, job.status.state.name, job.status.state in BAD)

    def create(self, job_id: str, arguments: Sequence[str], environment: Mapping[str, str]) -> str:
        """See ``CloudJob``."""
        job = self.job(job_id, command_line(job_id, arguments, environment))
        with suppress(AlreadyExists):
            self._hook.submit_job(job=job, **self.config.where)
        return job_id

    def job(self, job_id: str, command: Sequence[str]) -> dict[str, Any]:
        """Describe the job; without a custom image a packed environment brings what it needs."""
        pyspark: dict[str, Any] = {
            "main_python_file_uri": upload_main(job_id),
            "args": list(command),
        }
        if self.config.cluster_archive:
            python = "./environment/bin/python"
            pyspark["archive_uris"] = [f"{self.config.cluster_archive}#environment"]
            pyspark["properties"] = {
                "spark.submit.deployMode": "cluster",
                "spark.pyspark.python": python,
                "spark.pyspark.driver.python": python,
            }
        return {
            "reference": {"job_id": job_id, "project_id": self.config.project},
            "placement": {"cluster_name": cluster_name(self.identity.dag_id, self.identity.run_id)},
            "pyspark_job": pyspark,
            "labels": self.identity.labels,
        }

    def cancel(self, name: str) -> None:
        """See ``CloudJob``."""
        with suppress(NotFound, FailedPrecondition):
            self._hook.cancel_job(job_id=name, **self.config.where)

    def trigger(self, name: str) -> DataprocSubmitTrigger:
        """See ``CloudJob``; the provider's own trigger cancels."""
        return DataprocSubmitTrigger(
            job_id=name,
            gcp_conn_id=self.config.connection,
            polling_interval_seconds=self.config.poll_seconds,
            **self.config.where,
        )

    def failure(self, event: Mapping[str, Any]) -> str | None:
        """See ``CloudJob``."""
        if event["job_state"] == JobStatus.State.DONE.name:
            return None
        said = Job(event["job"]).status.details if "job" in event else ""
        return f"Job {event['job_id']} ended as {event['job_state']}: {said or 'no reason given.'}"

    def took(self, job_id: str) -> Took:
        """See ``CloudJob``."""
        job = self._hook.get_job(job_id=job_id, **self.config.where)
        states = [*job.status_history, job.status]
        seconds = (states[-1].state_start_time - states[0].state_start_time).total_seconds()
        return Took(seconds, self.config.spark, 1, SPARK_STAGE_HOURS)


def cluster_name(dag_id: str, run_id: str) -> str:
    """Return the name of a run's cluster, as the template ``NAME`` gives it."""
    return f"musicgen-{uuid5(NAMESPACE_OID, dag_id + run_id).hex[:20]}"


def create_cluster(config: GcpSettings) -> DataprocCreateClusterOperator:
    """Return the task that makes the run's cluster, as a setup."""
    return DataprocCreateClusterOperator(
        task_id="create_cluster",
        project_id=config.project,
        region=config.region,
        cluster_name=NAME,
        cluster_config=cluster_config(config),
        labels={"app": MARK, "stage": "cluster"},
        gcp_conn_id=config.connection,
        delete_on_error=True,
        use_if_exists=True,
        deferrable=True,
        polling_interval_seconds=config.poll_seconds,
    ).as_setup()


def delete_cluster(config: GcpSettings) -> DataprocDeleteClusterOperator:
    """Return the task that deletes the run's cluster, as a teardown."""
    return DataprocDeleteClusterOperator(
        task_id="delete_cluster",
        project_id=config.project,
        region=config.region,
        cluster_name=NAME,
        gcp_conn_id=config.connection,
        deferrable=True,
        polling_interval_seconds=config.poll_seconds,
    ).as_teardown()


def cluster_config(config: GcpSettings) -> dict[str, Any]:
    """Describe the cluster. It deletes itself when idle or old, though Airflow were dead."""
    disk = {"boot_disk_type": "pd-balanced", "boot_disk_size_gb": 100}
    node = {"machine_type_uri": "n2-standard-4", "disk_config": disk}
    if config.cluster_image:
        node["image_uri"] = config.cluster_image
    machines: dict[str, Any] = {"internal_ip_only": True}
    if config.service_account:
        machines["service_account"] = config.service_account
    if config.subnetwork:
        machines["subnetwork_uri"] = config.subnetwork
    described: dict[str, Any] = {
        "gce_cluster_config": machines,
        "master_config": {"num_instances": 1, **node},
        "worker_config": {"num_instances": 2, **node},
        "secondary_worker_config": {
            "num_instances": config.spot_workers,
            "preemptibility": "SPOT",
            "disk_config": disk,
        },
        "lifecycle_config": {
            "idle_delete_ttl": {"seconds": IDLE_SECONDS},
            "auto_delete_ttl": {"seconds": MAXIMUM_AGE_SECONDS},
        },
    }
    if config.autoscaling_policy:
        policy = f"locations/{config.region}/autoscalingPolicies/{config.autoscaling_policy}"
        described["autoscaling_config"] = {"policy_uri": f"projects/{config.project}/{policy}"}
    return described
