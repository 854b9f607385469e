"""Spark stages as jobs on the run's own Dataproc cluster."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from airflow.providers.google.cloud.hooks.dataproc import DataprocHook
from google.api_core.exceptions import AlreadyExists, NotFound
from google.cloud.dataproc_v1 import Job, JobStatus

from musicgen_gcp.cluster import cluster_name
from musicgen_gcp.cost import SPARK_STAGE_HOURS
from musicgen_gcp.job import CloudJob, Found, Took, command_line
from musicgen_gcp.settings import GcpSettings
from musicgen_gcp.spark_main import upload_main
from musicgen_gcp.triggers import ClusterJobTrigger, cancel_job

BAD = (
    JobStatus.State.ERROR,
    JobStatus.State.CANCELLED,
    JobStatus.State.CANCEL_PENDING,
    JobStatus.State.CANCEL_STARTED,
)
IMAGE_ENVIRONMENT = "/opt/musicgen"
"""Where a custom image has the environment that is otherwise packed."""


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
        """Describe the job."""
        main = {"main_python_file_uri": upload_main(job_id), "args": list(command)}
        return {
            "reference": {"job_id": job_id, "project_id": self.config.project},
            "placement": {"cluster_name": cluster_name(self.identity.dag_id, self.identity.run_id)},
            "pyspark_job": {**main, **environment(self.config)},
            "labels": self.identity.labels,
        }

    def cancel(self, name: str) -> None:
        """See ``CloudJob``."""
        cancel_job(self._hook, name, **self.config.where)

    def trigger(self, name: str) -> ClusterJobTrigger:
        """See ``CloudJob``."""
        return ClusterJobTrigger(
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


def environment(config: GcpSettings) -> dict[str, Any]:
    """Say which Python a job runs on: the packed environment's, or the custom image's."""
    if config.cluster_archive:
        # The driver has to run where archives are unpacked, as the executors do.
        return {
            "archive_uris": [f"{config.cluster_archive}#environment"],
            "properties": {"spark.submit.deployMode": "cluster", **_python("./environment")},
        }
    return {"properties": _python(IMAGE_ENVIRONMENT)} if config.cluster_image else {}


def _python(home: str) -> dict[str, str]:
    python = f"{home}/bin/python"
    return {"spark.pyspark.python": python, "spark.pyspark.driver.python": python}
