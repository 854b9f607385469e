"""Progress of long work, on standard error: a bar on a terminal, else a line now and then."""

import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

SECONDS_BETWEEN_LINES = 10.0

_log = logging.getLogger(__name__)


def track(items: Iterable[T], total: int | None, what: str) -> Iterator[T]:
    """Pass items on and show how many of them are done."""
    with counter(total, what) as advance:
        for item in items:
            yield item
            advance(1)


@contextmanager
def counter(total: int | None, what: str, unit: str = "") -> Iterator[Callable[[int], None]]:
    """Give a function that is told how much more has been done.

    Args:
        total: how much there is to do; None if nobody knows.
        what: the work, such as ``Reading scores``.
        unit: ``B`` shows bytes.
    """
    if not sys.stderr.isatty():
        yield _Lines(total, what, unit)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    amount = DownloadColumn() if unit == "B" else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), amount, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda amount: progress.advance(task, amount)


class _Lines:
    """Logs how far the work is, at most every ten seconds."""

    def __init__(self, total: int | None, what: str, unit: str) -> None:
        self.total, self.what, self.unit = total, what, unit
        self.done = 0
        self.last_seconds = time.monotonic()

    def __call__(self, amount: int) -> None:
        self.done += amount
        now = time.monotonic()
        if now - self.last_seconds >= SECONDS_BETWEEN_LINES:
            self.last_seconds = now
            of_total = f" of {self.total:,}" if self.total else ""
            _log.info("%s: %s%s %s", self.what, f"{self.done:,}", of_total, self.unit)
