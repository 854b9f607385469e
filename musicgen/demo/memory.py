"""How much memory everything together takes, sampled while it runs."""

import contextlib
import threading
from collections.abc import Callable, Iterable

import psutil

from musicgen.demo.process_family import with_children

PERIOD_SECONDS = 3.0


class MemoryPeak:
    """Samples the memory of some processes and all their descendants; remembers the peak.

    Memory that processes share is counted once (PSS), where the system tells; else resident memory.

    Attributes:
        peak_bytes: highest sum seen.
    """

    def __init__(self, roots: Callable[[], Iterable[psutil.Process]]) -> None:
        self._roots = roots
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.peak_bytes = 0

    def __enter__(self) -> "MemoryPeak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.peak_bytes = max(self.peak_bytes, memory_bytes(self._roots()))
            if self._ended.wait(PERIOD_SECONDS):
                return


def memory_bytes(roots: Iterable[psutil.Process]) -> int:
    """Return the memory of the processes and all their descendants."""
    return sum(_memory_bytes(process) for process in with_children(roots))


def _memory_bytes(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        try:
            return process.memory_full_info().pss
        except (psutil.AccessDenied, AttributeError):
            return process.memory_info().rss
    return 0
