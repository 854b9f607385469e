"""Jobs as processes of this machine: what a cloud would give a machine of its own."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from cloud.bucket_server import BucketServer

SECONDS_TO_END = 20


class Jobs:
    """Processes by job.

    Attributes:
        started: name of every job that was started, in order.
    """

    def __init__(
        self, environment: Mapping[str, str], log_path: Path, buckets: BucketServer
    ) -> None:
        self.environment = dict(environment)
        self.buckets = buckets
        self.log_path = log_path
        self.started: list[str] = []
        self._processes: dict[str, subprocess.Popen] = {}

    def start(self, name: str, command: Sequence[str], on_end: Callable[[int], None]) -> None:
        """Start a job; ``on_end`` is given its exit code."""
        self.started.append(name)
        self.log_path.mkdir(parents=True, exist_ok=True)
        with (self.log_path / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._processes[name] = process
        threading.Thread(target=lambda: on_end(process.wait()), daemon=True).start()

    def pyspark_command(self, main_uri: str, arguments: Sequence[str]) -> list[str]:
        """Return how the local Spark runs a PySpark job: by spark-submit, as Dataproc does."""
        _, _, name = main_uri.removeprefix("gs://").partition("/")
        main_path = self.log_path / name.replace("/", "-")
        main_path.parent.mkdir(parents=True, exist_ok=True)
        main_path.write_bytes(self.buckets.objects[name][0])
        return [sys.executable, "-m", "cloud.spark_submit", str(main_path), *arguments]

    @property
    def running(self) -> list[str]:
        """Names of the jobs that run."""
        return [name for name, process in self._processes.items() if process.poll() is None]

    def stop(self, name: str) -> None:
        """End a job and all that it started."""
        process = self._processes.get(name)
        if process is not None and process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(SECONDS_TO_END)

    def stop_all(self) -> None:
        """End all jobs."""
        for name in self._processes:
            self.stop(name)


def container_command(command: Sequence[str], arguments: Sequence[str]) -> list[str]:
    """Return how a container's command runs here: with this environment's Python."""
    program = sys.executable if command[0] == "python" else command[0]
    return [program, *command[1:], *arguments]
