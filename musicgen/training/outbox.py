"""Deliveries to a server that may be away: in order, in the background, until they arrive."""

import logging
import queue
import threading
import time
from collections.abc import Callable

from musicgen.errors import MusicgenError

LOG = logging.getLogger(__name__)
POLL_SECONDS = 0.5


class Outbox:
    """Runs deliveries one after the other on a thread of its own.

    A delivery that fails is tried again until it succeeds, so it must be safe to repeat; those
    behind it wait. Whoever hands one in never waits.

    Args:
        name: who receives, for messages.
        retry_seconds: time between two tries.
        longest_seconds: that a single try may take, which tells nothing until it ends.
    """

    def __init__(
        self, name: str, retry_seconds: float = 5.0, longest_seconds: float = 3600.0
    ) -> None:
        self._name = name
        self._retry_seconds = retry_seconds
        self._longest_seconds = longest_seconds
        self._progress = time.monotonic()  # when something arrived, or the waiting began
        self._waiting: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._given_up = threading.Event()
        self._trouble: Exception | None = None
        self._thread = threading.Thread(target=self._deliver_all, daemon=True, name="outbox")
        self._thread.start()

    def hand_in(self, delivery: Callable[[], None]) -> None:
        """Add a delivery to the queue."""
        self._waiting.put(delivery)

    def close(self, patience_seconds: float) -> None:
        """Wait until everything has arrived, however long that takes while things do arrive.

        Raises:
            MusicgenError: for that long, all that was tried failed; or a try doesn't end.
        """
        self._waiting.put(None)
        self._progress = time.monotonic()
        while self._thread.is_alive():
            patience = patience_seconds if self._trouble else self._longest_seconds
            if time.monotonic() - self._progress > patience:
                self._given_up.set()
                raise MusicgenError(
                    f"{self._name} can't be reached ({_first_line(self._trouble)}). Nothing is "
                    "lost: start it, then run the same command again."
                )
            self._thread.join(min(patience_seconds, POLL_SECONDS))

    def _deliver_all(self) -> None:
        while delivery := self._waiting.get():
            while not self._given_up.is_set() and not self._arrived(delivery):
                time.sleep(self._retry_seconds)

    def _arrived(self, delivery: Callable[[], None]) -> bool:
        try:
            delivery()
        except Exception as error:  # whatever it was, the training must not end for it
            if not self._trouble:
                LOG.warning("%s can't be reached, will try again: %s", self._name, error)
            self._trouble = error
            return False
        self._trouble = None
        self._progress = time.monotonic()
        return True


def _first_line(error: Exception | None) -> str:
    if error is None:
        return "it doesn't answer"
    return str(error).partition("\n")[0][:200]
