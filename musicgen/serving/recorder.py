"""Keeps what people ask for, parameters alone, so that new models can be asked it as well."""

import logging
import threading
from collections.abc import Iterable

from musicgen.generation.request import Request
from musicgen.registry.atomic import Conflict
from musicgen.registry.recorded import KINDS, kind, record

LOG = logging.getLogger(__name__)


class Recorder:
    """Remembers requests, and writes the new ones down now and then, behind the requests' backs.

    Args:
        uri: the document that they go to; several servers may share it.
        period_seconds: how often.
    """

    def __init__(self, uri: str, period_seconds: float) -> None:
        self._uri = uri
        self._period_seconds = period_seconds
        self._fresh: dict[tuple, Request] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._write_all, name="musicgen-recorder", daemon=True
        )

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and stop."""
        self._stopping.set()
        self._thread.join(timeout=5)

    def note(self, requests: Iterable[Request]) -> None:
        """Remember requests that were answered; none that goes on from somebody's own music."""
        with self._lock:
            for request in requests:
                if request.prompt is None:
                    self._fresh.pop(kind(request), None)
                    self._fresh[kind(request)] = request
            while len(self._fresh) > KINDS:
                del self._fresh[next(iter(self._fresh))]

    def _write_all(self) -> None:
        while not self._stopping.wait(self._period_seconds):
            self._write()
        self._write()

    def _write(self) -> None:
        with self._lock:
            fresh, self._fresh = self._fresh, {}
        if not fresh:
            return
        try:
            record(self._uri, reversed(fresh.values()))
        except Conflict:  # another server wrote just now: next time
            self.note(fresh.values())
        except Exception as error:  # whatever the bucket does, music is made
            LOG.warning("What was asked for lately was not recorded (%s).", error)
