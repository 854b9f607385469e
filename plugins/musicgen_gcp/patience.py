"""Looks at a job that outlast trouble of Google's services: the job goes on, at a price."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from airflow.providers.google.cloud.hooks.dataproc import DataprocAsyncHook
from airflow.providers.google.cloud.hooks.vertex_ai.custom_job import CustomJobAsyncHook
from google.api_core.exceptions import (
    DeadlineExceeded,
    InternalServerError,
    ServiceUnavailable,
    TooManyRequests,
)
from google.api_core.retry_async import AsyncRetry, if_exception_type
from google.auth.exceptions import TransportError

LOG = logging.getLogger(__name__)

PATIENCE_SECONDS = 30 * 60
"""How long a look at a job is tried again, each time that there is trouble."""
TROUBLE = (
    DeadlineExceeded,
    InternalServerError,
    ServiceUnavailable,
    TooManyRequests,
    TransportError,
)


class PatientBatchHook(DataprocAsyncHook):
    """The provider's hook, patient with looks at a batch."""

    async def get_batch(self, **asked: Any) -> Any:
        """Return the batch.

        Raises:
            RetryError: there was nothing but trouble for ``PATIENCE_SECONDS``.
        """
        return await _patiently(super().get_batch, asked)


class PatientTrainingHook(CustomJobAsyncHook):
    """The provider's hook, patient with looks at a custom job."""

    async def get_custom_job(self, **asked: Any) -> Any:
        """Return the custom job; raises as ``PatientBatchHook`` does."""
        return await _patiently(super().get_custom_job, asked)


async def _patiently(look: Callable[..., Awaitable[Any]], asked: dict[str, Any]) -> Any:
    again = AsyncRetry(if_exception_type(*TROUBLE), timeout=PATIENCE_SECONDS, on_error=_tell)
    return await again(look)(**asked)


def _tell(error: Exception) -> None:
    LOG.warning("Google Cloud is asked again, since it did not answer: %s", error)
