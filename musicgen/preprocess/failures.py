"""What went wrong in a worker, in one sentence instead of two pages."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from musicgen.errors import BadInput, MusicgenError

_LAST_LINE_OF_TRACEBACK = re.compile(r"^([A-Za-z_][\w.]*(?:Error|Exception)): (.*)$", re.M)
_BAD_INPUT = re.compile(rf"^{BadInput.__module__}\.{BadInput.__name__}: (.*)$", re.M)


class DiskIsFull(BadInput):
    """There is no room for what was to be written."""


@contextmanager
def readable_failures() -> Iterator[None]:
    """Turn errors of Spark and its workers into errors fit to be shown.

    Raises:
        BadInput: a worker met unusable input.
        DiskIsFull: a worker, or Spark itself, found no room.
        MusicgenError: anything else that Spark reports.
    """
    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise readable(str(error)) from error


def readable(text: str) -> MusicgenError:
    """Find the cause in what Spark tells of a failure, tracebacks of workers included."""
    if os.strerror(errno.ENOSPC) in text:
        return DiskIsFull("No space is left on the disk: free some and run it again.")
    if found := _BAD_INPUT.search(text):
        return BadInput(found[1])
    causes = _LAST_LINE_OF_TRACEBACK.findall(text)
    kind, message = causes[-1] if causes else ("error", text.strip().partition("\n")[0])
    return MusicgenError(f"A Spark worker failed: {kind}: {message}")
