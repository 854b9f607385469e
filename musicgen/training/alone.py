"""One training at a time by an id, on one machine."""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from musicgen.settings import settings

LOG = logging.getLogger(__name__)


@contextmanager
def alone(training_id: str) -> Iterator[None]:
    """Wait until no other process on this machine trains the same; a killed one lets go at once.

    Processes on two machines may do the same work twice: they write the same, the last one wins.
    """
    path = settings().home_path / "training" / f"{training_id}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            LOG.info("Another process trains the same; waiting for it to end.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
