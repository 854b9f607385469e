"""The provider's triggers, and what they lack.

That is, to cancel the job of a task that is killed, and to bear with a service in trouble. A hook
that cancels is made in the thread that uses it: it reads its connection, which Airflow gives to a
trigger's own task and to threads, and ``on_kill`` runs in neither.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from functools import cached_property
from typing import Any

from airflow.providers.google.cloud.hooks.dataproc import DataprocHook
from airflow.providers.google.cloud.hooks.vertex_ai.custom_job import CustomJobHook
from airflow.providers.google.cloud.triggers.dataproc import (
    DataprocBatchTrigger,
    DataprocSubmitTrigger,
)
from airflow.providers.google.cloud.triggers.vertex_ai import CustomJobTrigger
from airflow.triggers.base import TriggerEvent
from asgiref.sync import sync_to_async
from google.api_core.exceptions import FailedPrecondition, NotFound, RetryError
from google.cloud.dataproc_v1 import Batch

from musicgen_gcp.patience import PatientBatchHook, PatientTrainingHook

ENDED = (Batch.State.SUCCEEDED, Batch.State.FAILED, Batch.State.CANCELLED)


class _Cancelling:
    """A trigger of the provider's that cancels its job when its task is killed."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Name this class, with the arguments of its parent."""
        return f"{__name__}.{type(self).__name__}", super().serialize()[1]

    async def on_kill(self) -> None:
        """Cancel the job."""
        await sync_to_async(self._cancel)()


class BatchTrigger(_Cancelling, DataprocBatchTrigger):
    """Waits for a batch."""

    def get_async_hook(self) -> PatientBatchHook:
        """Return a hook that bears with trouble."""
        return PatientBatchHook(
            gcp_conn_id=self.gcp_conn_id, impersonation_chain=self.impersonation_chain
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait; the batch's state is unspecified if the service was in trouble for too long."""
        try:
            async for event in super().run():
                yield event
        except RetryError as error:
            unknown = {"batch_state": Batch.State.STATE_UNSPECIFIED.name}
            said = f"Google Cloud did not tell. {error}"
            yield TriggerEvent({"batch_id": self.batch_id, **unknown, "batch_state_message": said})

    def _cancel(self) -> None:
        cancel_batch(self.get_sync_hook(), self.batch_id, self.project_id, self.region)


class TrainingTrigger(_Cancelling, CustomJobTrigger):
    """Waits for a custom job."""

    @cached_property
    def async_hook(self) -> PatientTrainingHook:
        """A hook that bears with trouble."""
        return PatientTrainingHook(
            gcp_conn_id=self.gcp_conn_id, impersonation_chain=self.impersonation_chain
        )

    def _cancel(self) -> None:
        hook = CustomJobHook(gcp_conn_id=self.gcp_conn_id)
        cancel_training(hook, self.custom_job_id, self.project_id, self.location)


class ClusterJobTrigger(_Cancelling, DataprocSubmitTrigger):
    """Waits for a job on a cluster."""

    def _cancel(self) -> None:
        cancel_job(self.get_sync_hook(), self.job_id, self.project_id, self.region)


def cancel_batch(hook: DataprocHook, batch_id: str, project_id: str, region: str) -> None:
    """Cancel a batch, which is done by its operation; nothing happens if it has ended."""
    with suppress(NotFound, FailedPrecondition):
        batch = hook.get_batch(batch_id=batch_id, project_id=project_id, region=region)
        if batch.state not in ENDED:
            hook.get_operations_client(region).cancel_operation(batch.operation)


def cancel_job(hook: DataprocHook, job_id: str, project_id: str, region: str) -> None:
    """Cancel a job on a cluster; nothing happens if it has ended."""
    with suppress(NotFound, FailedPrecondition):
        hook.cancel_job(job_id=job_id, project_id=project_id, region=region)


def cancel_training(hook: CustomJobHook, job_id: str, project_id: str, region: str) -> None:
    """Cancel a custom job; nothing happens if it has ended."""
    with suppress(NotFound, FailedPrecondition):
        hook.cancel_custom_job(project_id=project_id, region=region, custom_job=job_id)
