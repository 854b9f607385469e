"""Spark stages as batches of Dataproc Serverless."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from airflow.providers.google.cloud.hooks.dataproc import DataprocHook
from google.api_core.exceptions import AlreadyExists, NotFound
from google.cloud.dataproc_v1 import Batch

from musicgen_gcp.cost import SPARK_STAGE_HOURS
from musicgen_gcp.job import CloudJob, Found, Took, command_line
from musicgen_gcp.spark_main import upload_main
from musicgen_gcp.triggers import BatchTrigger, cancel_batch

BAD = (Batch.State.FAILED, Batch.State.CANCELLED, Batch.State.CANCELLING)


class ServerlessJob(CloudJob):
    """A batch; its id is the job's id, so that nobody can start it twice."""

    @property
    def _hook(self) -> DataprocHook:
        return DataprocHook(gcp_conn_id=self.config.connection)

    def find(self, job_id: str) -> Found | None:
        """See ``CloudJob``."""
        try:
            batch = self._hook.get_batch(batch_id=job_id, **self.config.where)
        except NotFound:
            return None
        return Found(job_id, batch.state.name, batch.state in BAD)

    def create(self, job_id: str, arguments: Sequence[str], environment: Mapping[str, str]) -> str:
        """See ``CloudJob``."""
        batch = self.batch(job_id, command_line(job_id, arguments, environment))
        with suppress(AlreadyExists):
            self._hook.create_batch(batch=batch, batch_id=job_id, **self.config.where)
        return job_id

    def batch(self, job_id: str, command: Sequence[str]) -> dict[str, Any]:
        """Describe the batch. It ends by itself after the task's time, whatever becomes of us."""
        config = self.config
        execution = {
            "service_account": config.service_account,
            "subnetwork_uri": config.subnetwork,
            "ttl": {"seconds": self.limit_seconds},
        }
        runtime = {"version": config.spark_version, "container_image": config.spark_image}
        return {
            "pyspark_batch": {"main_python_file_uri": upload_main(job_id), "args": list(command)},
            "runtime_config": {key: value for key, value in runtime.items() if value},
            "environment_config": {
                "execution_config": {key: value for key, value in execution.items() if value}
            },
            "labels": self.identity.labels,
        }

    def cancel(self, name: str) -> None:
        """See ``CloudJob``."""
        cancel_batch(self._hook, name, self.config.project, self.config.region)

    def trigger(self, name: str) -> BatchTrigger:
        """See ``CloudJob``."""
        return BatchTrigger(
            batch_id=name,
            gcp_conn_id=self.config.connection,
            polling_interval_seconds=self.config.poll_seconds,
            **self.config.where,
        )

    def failure(self, event: Mapping[str, Any]) -> str | None:
        """See ``CloudJob``."""
        if event["batch_state"] == Batch.State.SUCCEEDED.name:
            return None
        said = event.get("batch_state_message") or "It gave no reason."
        return f"Batch {event['batch_id']} ended as {event['batch_state']}: {said}"

    def took(self, job_id: str) -> Took:
        """See ``CloudJob``."""
        batch = self._hook.get_batch(batch_id=job_id, **self.config.where)
        seconds = (batch.state_time - batch.create_time).total_seconds()
        return Took(seconds, self.config.spark, 1, SPARK_STAGE_HOURS)
