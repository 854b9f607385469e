"""One thread that grows all pieces together, a token each at a time."""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from musicgen.generation.lstm_batch import LstmBatch
from musicgen.generation.lstm_engine import LstmEngine
from musicgen.generation.request import Request
from musicgen.serving.news import News
from musicgen.serving.problems import Problem, late, unavailable
from musicgen.serving.stream import Stream

log = logging.getLogger(__name__)

TURNS = 8
"""Of so many steps, all pieces take part in one, and in the others those that cannot wait."""

_place: ContextVar[list[bool] | None] = ContextVar("place", default=None)
"""What a request under way holds until its piece joins: one element, or none any more."""


class Batcher:
    """Lets pieces join and leave between any two steps, so that none waits for another to end.

    Pieces of one model share each step. A piece's music does not depend on its company, so none of
    this can be heard. Whoever listens and has little in hand goes first: a first note does not
    wait for music that is to be heard in ten seconds. What would have to wait for too many others
    is refused at once.
    """

    def __init__(self, growing: int, waiting: int, deadline_seconds: float) -> None:
        self._most_growing = growing
        self._most = growing + waiting
        self._deadline_seconds = deadline_seconds
        self._arrivals: deque[Stream] = deque()
        self._growing: dict[LstmEngine, list[Stream]] = {}
        self._batches: dict[LstmEngine, LstmBatch] = {}
        self._expected = 0
        self._news = News()
        self._turn = 0
        self._changed = threading.Condition()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def pending(self) -> int:
        """How many pieces grow or wait."""
        return len(self._arrivals) + sum(map(len, self._growing.copy().values()))

    @property
    def is_full(self) -> bool:
        """Whether another piece would be refused."""
        return self.pending + self._expected >= self._most

    @contextmanager
    def expecting(self) -> Iterator[None]:
        """Keep a place for the piece of a request, from before the request is read until it joins.

        Otherwise all that come while one place is free would be read before all but one of them
        are refused. Call from the event loop only.
        """
        place = [True]
        token = _place.set(place)
        self._expected += 1
        try:
            yield
        finally:
            _place.reset(token)
            self._take(place)

    def _take(self, place: list[bool] | None) -> None:
        if place:
            place.pop()
            self._expected -= 1

    def join(self, engine: LstmEngine, request: Request, wants_frames: bool = False) -> Stream:
        """Let a piece grow from now on. Call from the event loop only.

        Raises:
            BadInput: the model never met the composer or the ensemble.
            Problem: 503, too many pieces grow and wait already.
        """
        self._take(_place.get())
        if self.is_full:
            raise full()
        deadline = time.monotonic() + self._deadline_seconds
        stream = Stream(engine, engine.begin(request), deadline, wants_frames)
        self._arrive(stream, self._arrivals.append)
        return stream

    def wake(self, stream: Stream) -> None:
        """Let a piece grow that rests because it was not ready. Call from the event loop only.

        Somebody plays along with it, so it goes before those that never began.
        """
        self._arrive(stream, self._arrivals.appendleft)

    def _arrive(self, stream: Stream, put: Callable[[Stream], None]) -> None:
        self._loop = asyncio.get_running_loop()
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="musicgen-batcher", daemon=True
                )
                self._thread.start()
            put(stream)
            self._changed.notify()

    def close(self) -> None:
        """Stop growing; whoever still waits is told to come back."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread:
            self._thread.join(timeout=5)

    def _work(self) -> None:
        while self._admitted():
            for engine, streams in list(self._growing.items()):
                self._step(engine, streams)
            self._tell()
        self._clear(unavailable("The server is shutting down; try again soon.", 5))

    def _admitted(self) -> bool:
        """Wait for something to do and let it in; returns whether to go on."""
        with self._changed:
            while not (self._closed or self._arrivals or self._growing):
                self._changed.wait()
        now = time.monotonic()
        for engine, streams in list(self._growing.items()):
            self._regroup(engine, [s for s in streams if self._goes_on(s, now)])
        growing = sum(map(len, self._growing.values()))
        fresh: dict[LstmEngine, list[Stream]] = {}
        while self._arrivals and growing < self._most_growing:
            stream = self._arrivals.popleft()
            if self._goes_on(stream, now) and stream not in self._growing.get(stream.engine, ()):
                fresh.setdefault(stream.engine, []).append(stream)
                growing += 1
        for engine, streams in fresh.items():
            self._regroup(engine, self._growing.get(engine, []) + streams)
        return not self._closed

    def _goes_on(self, stream: Stream, now: float) -> bool:
        if stream.left or stream.piece.done:
            return False
        if now > stream.deadline:
            self._news.add(stream, late(self._deadline_seconds))
            return False
        return stream.piece.ready

    def _regroup(self, engine: LstmEngine, streams: list[Stream]) -> None:
        """Let just these streams of an engine grow on."""
        if streams == self._growing.get(engine):
            return
        batch = self._batches.setdefault(engine, engine.batch())
        batch.regroup([stream.piece for stream in streams])
        self._growing[engine] = streams
        if not streams:
            del self._growing[engine], self._batches[engine]

    def _step(self, engine: LstmEngine, streams: list[Stream]) -> None:
        now = time.monotonic()
        rows = self._rows(streams, now)
        try:
            frames = self._batches[engine].step(rows)
        except Exception as error:
            log.exception("A step failed")
            for stream in streams:
                self._news.add(stream, error)
            self._regroup(engine, [])
            return
        stepped = streams if rows is None else [streams[row] for row in rows]
        for stream, frame in zip(stepped, frames, strict=True):
            if frame and stream.wants_frames:
                self._news.add(stream, frame, urgent=not stream.can_wait(now))
            if frame and stream.piece.done:
                self._news.add(stream, stream.piece.score())

    def _rows(self, streams: list[Stream], now: float) -> list[int] | None:
        """Return which streams take part in the step; None is all."""
        self._turn = (self._turn + 1) % TURNS
        if self._turn == 0:
            return None
        rows = [row for row, stream in enumerate(streams) if not stream.can_wait(now)]
        return rows if 0 < len(rows) < len(streams) else None

    def _tell(self) -> None:
        if self._loop:
            try:
                self._news.tell(self._loop, everything=not self._growing)
            except RuntimeError:  # the loop is closed, and nobody is left to be told
                self._closed = True

    def _clear(self, error: Exception) -> None:
        streams = [*self._arrivals, *(s for group in self._growing.values() for s in group)]
        for stream in streams:
            self._news.add(stream, error)
        self._arrivals.clear()
        self._growing.clear()
        self._tell()


def full() -> Problem:
    """Return the problem of a batcher that can take no more."""
    return unavailable("Too many pieces are being made; try again in a second.", 1)
