"""What a process and all its descendants cost."""

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import psutil

from musicgen.errors import MusicgenError

PERIOD_SECONDS = 0.25
MIB = 2**20
SMALL_MIB = 16
"""Processes below this are a shell or two that started the others."""


@dataclass
class Cost:
    """Time and memory of a command.

    Attributes:
        wall_seconds: from start to end.
        processor_seconds: of all processes; those that live shorter than a sample are missed.
        peak_mib: highest resident memory of any one process, by the name of its program.
    """

    wall_seconds: float = 0.0
    processor_seconds: float = 0.0
    peak_mib: dict[str, int] = field(default_factory=dict)


def cost_of(command: Sequence[str]) -> Cost:
    """Run a command to its end.

    Raises:
        MusicgenError: it failed; its last line says why.
    """
    cost, seconds, begin = Cost(), {}, time.monotonic()
    # To a file: nobody reads a pipe meanwhile, and a full one would stop the command.
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        root = psutil.Process(process.pid)
        while process.poll() is None:
            _sample(root, cost, seconds)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(PERIOD_SECONDS)
        cost.wall_seconds = time.monotonic() - begin
        cost.processor_seconds = sum(seconds.values())
        if process.returncode:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise MusicgenError(f"{' '.join(command)} ended with {process.returncode}: {last}")
    return cost


def _sample(root: psutil.Process, cost: Cost, seconds: dict[int, float]) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                name, mib = process.name(), process.memory_info().rss // MIB
                if mib >= SMALL_MIB:
                    cost.peak_mib[name] = max(cost.peak_mib.get(name, 0), mib)
                times = process.cpu_times()
                seconds[process.pid] = times.user + times.system
