"""Work on what strangers sent, in processes that may die of it."""

import asyncio
import logging
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from musicgen.errors import BadInput
from musicgen.serving.problems import unavailable
from musicgen.serving.sandbox_child import HEAD, REFUSED

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """What a sandbox does.

    Attributes:
        function: ``module:name`` of a function from bytes to bytes.
        cpu_seconds: processor time for one call.
        memory_bytes: how much the process may grow.
        excess: the sentence for whoever sent what does not fit these limits.
        busy: the sentence for whoever comes while too many calls wait.
        wall_seconds: time by the clock for one call, for a process that hangs.
    """

    function: str
    cpu_seconds: float
    memory_bytes: int
    excess: str
    busy: str
    wall_seconds: float


class Sandbox:
    """A few processes, started when first needed and kept, that do one job again and again.

    What crosses between the processes is bytes and sentences, never objects. A process that
    exceeds its limits is dead; another takes its place.
    """

    def __init__(self, job: Job, processes: int = 1, waiting: int = 16) -> None:
        self._job = job
        self._most = processes + waiting
        self._pending = 0
        self._idle: list[subprocess.Popen] = []
        self._all: set[subprocess.Popen] = set()
        self._pool = ThreadPoolExecutor(processes, thread_name_prefix="musicgen-sandbox")

    async def run(self, data: bytes) -> bytes:
        """Return what the job makes of the data. Call from the event loop only.

        Raises:
            BadInput: the job refuses the data, or it does not fit the limits.
            Problem: 503, too many calls wait already.
        """
        if self._pending >= self._most:
            raise unavailable(self._job.busy, 1)
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._ask, data)
        finally:
            self._pending -= 1

    def warm(self) -> None:
        """Start a process ahead of the first call, in the background."""
        self._pool.submit(self._start)

    def close(self) -> None:
        """End all processes."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in list(self._all):
            self._end(process)

    def _start(self) -> None:
        """Add an idle process unless there is one."""
        if not self._idle:
            self._idle.append(self._started())

    def _started(self) -> subprocess.Popen:
        limits = (str(self._job.cpu_seconds), str(self._job.memory_bytes))
        process = subprocess.Popen(
            [sys.executable, "-m", "musicgen.serving.sandbox_child", self._job.function, *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._all.add(process)
        process.stdout.read(HEAD.size)  # it is ready, or dead, which the first call will see
        return process

    def _ask(self, data: bytes) -> bytes:
        try:
            process = self._idle.pop()
        except IndexError:
            process = self._started()
        watch = threading.Timer(self._job.wall_seconds, process.kill)
        watch.start()
        try:
            process.stdin.write(HEAD.pack(0, len(data)) + data)
            process.stdin.flush()
            head = process.stdout.read(HEAD.size)
            status, length = HEAD.unpack(head) if head else (REFUSED, -1)
            answer = process.stdout.read(length) if head else b""
        except BrokenPipeError:
            status, length, answer = REFUSED, -1, b""
        finally:
            watch.cancel()
        if len(answer) != length:
            log.warning("%s took too much and was ended", self._job.function)
            self._end(process)
            self.warm()
            raise BadInput(self._job.excess)
        self._idle.append(process)
        if status == REFUSED:
            raise BadInput(answer.decode())
        return answer

    def _end(self, process: subprocess.Popen) -> None:
        self._all.discard(process)
        process.kill()
        process.communicate()
