"""Runs a stage as a job in the cloud, waited for by the triggerer and not by a worker."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from airflow.sdk import Context
from airflow.sdk.exceptions import TaskDeferred
from google.api_core import exceptions

from musicgen import storage
from musicgen.errors import BadInput
from musicgen.remote import result_of
from musicgen.settings import settings
from musicgen.stages import StageFailed
from musicgen_gcp.cluster_job import ClusterJob
from musicgen_gcp.job import CloudJob, Identity, outcome_uri
from musicgen_gcp.serverless import ServerlessJob
from musicgen_gcp.settings import GcpSettings
from musicgen_gcp.spent import note_spent
from musicgen_gcp.vertex import VertexJob

# What a second try would meet again.
FINAL = (
    exceptions.InvalidArgument,
    exceptions.Forbidden,
    exceptions.Unauthenticated,
    exceptions.NotFound,
)


class GcpLauncher:
    """See ``musicgen_launcher.Launcher``: ``run`` defers the task, ``finish`` ends it."""

    def __init__(self, job: CloudJob) -> None:
        self._job = job
        self._name: str | None = None

    def run(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        on_line: Callable[[str], None],
    ) -> NoReturn:
        """Start the job, or find it started, and leave the waiting to the triggerer.

        Raises:
            TaskDeferred: always, if all goes well.
            BadInput: the cloud will not have this job, now or later.
            StageFailed: it could not be started; for want of quota, say.
        """
        if not settings().bucket_uri.startswith("gs://"):
            raise BadInput("Jobs in the cloud need a bucket there: set MUSICGEN_BUCKET=gs://….")
        try:
            job_id, self._name = self._job.settle(arguments, environment)
        except FINAL as error:
            raise BadInput(f"Google Cloud refuses the job: {error.message}") from None
        except (exceptions.GoogleAPICallError, exceptions.RetryError) as error:
            raise StageFailed(1, f"Google Cloud did not start the job: {error.message}") from None
        on_line(f"{type(self._job).__name__} {job_id} ({self._name}) in {self._job.config.region}")
        raise TaskDeferred(
            trigger=self._job.trigger(self._name),
            method_name="execute_complete",
            kwargs={"job_id": job_id},
        )

    def finish(self, event: Mapping[str, Any], job_id: str) -> dict[str, Any]:
        """Return what the stage printed, now that its job has ended.

        Raises:
            BadInput: the stage could not use its arguments.
            StageFailed: it failed, or its machine was taken away, or someone cancelled it.
        """
        result = None
        try:
            result = self._result(event, job_id)
            return result
        finally:
            note_spent(self._job, job_id, result and result.get("run_id"))

    def _result(self, event: Mapping[str, Any], job_id: str) -> dict[str, Any]:
        failure = self._job.failure(event)
        try:
            outcome = storage.read_json(outcome_uri(job_id))
        except FileNotFoundError:
            raise StageFailed(1, failure or f"{job_id} succeeded, but left no outcome.") from None
        if failure and outcome["exit_code"] == 0:
            raise StageFailed(1, failure)
        return result_of(outcome)

    def stop(self) -> None:
        """Cancel the job, if the task is killed before it could be deferred."""
        if self._name is not None:
            self._job.cancel(self._name)


def cloud_job(
    config: GcpSettings, stage: str, context: Context, limit_seconds: int
) -> CloudJob | None:
    """Return the job that a stage is in the cloud, None if it runs on the Airflow worker."""
    kinds: dict[str, type[CloudJob] | None] = {
        "preprocess": ServerlessJob if config.spark == "serverless" else ClusterJob,
        "validate": ServerlessJob if config.spark == "serverless" else ClusterJob,
        "train": VertexJob if config.training == "vertex" else None,
    }
    kind = kinds.get(stage)
    return kind and kind(config, Identity.of(stage, context), limit_seconds)
