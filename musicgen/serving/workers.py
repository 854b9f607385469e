"""Threads that make music, so that the event loop never waits for them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from musicgen.serving.problems import unavailable

BUSY = "Too many pieces are being made; try again in a second."

T = TypeVar("T")


class Workers:
    """A pool that refuses at once what it could not begin soon.

    Attributes:
        pending: how many calls run or wait.
    """

    def __init__(self, threads: int, waiting: int, busy: str = BUSY) -> None:
        self.pending = 0
        self._busy = busy
        self._most = threads + waiting
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="musicgen-worker")

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function in a thread and return what it returns; raises as ``begin``."""
        return await asyncio.shield(self.begin(function, *arguments))

    def begin(self, function: Callable[..., T], *arguments: Any) -> asyncio.Future[T]:
        """Let a function be called in a thread. Call from the event loop only.

        Raises:
            Problem: 503, too many calls wait already; the sentence is ``busy``.
        """
        if self.pending >= self._most:
            raise unavailable(self._busy, 1)
        self.pending += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)
        # Counted until the thread is done, not until the client has lost patience.
        future.add_done_callback(self._done)
        return future

    def close(self) -> None:
        """Let running calls end and forget those that wait."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _done(self, future: asyncio.Future) -> None:
        self.pending -= 1
        if not future.cancelled():
            future.exception()  # the client may have left, so nobody else will look at it
