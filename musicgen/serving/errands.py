"""What has to wait for the bucket, in threads of its own: making music never waits for it."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from musicgen.serving.champions import RETRY_SECONDS
from musicgen.serving.problems import unavailable
from musicgen.serving.workers import Workers

THREADS = 4
WAITING = 32

T = TypeVar("T")


class Errands:
    """Calls that read the bucket; whoever waits for one waits no longer than a deadline."""

    def __init__(self, deadline_seconds: float) -> None:
        self._deadline_seconds = deadline_seconds
        busy = "Too much is being read from the bucket; try again in a second."
        self._workers = Workers(THREADS, WAITING, busy)

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function in a thread and return what it returns.

        Raises:
            Problem: 503, the bucket did not answer in time, or too many calls wait already.
        """
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await self._workers.run(function, *arguments)
        except TimeoutError:
            detail = "The bucket cannot be read now: try again in a moment."
            raise unavailable(detail, RETRY_SECONDS) from None

    def close(self) -> None:
        """Let running calls end and forget those that wait."""
        self._workers.close()
