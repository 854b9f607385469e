"""One thread that grows all pieces together, a token each at a time."""

import asyncio
import logging
import threading
import time
from collections import deque
from itertools import count

from musicgen.generation.lstm_batch import LstmBatch
from musicgen.generation.lstm_engine import LstmEngine
from musicgen.generation.request import Request
from musicgen.serving.news import News
from musicgen.serving.places import Places
from musicgen.serving.problems import Problem, late, unavailable
from musicgen.serving.stream import Stream
from musicgen.serving.turns import TURNS, rows_of_turn

log = logging.getLogger(__name__)


class Batcher:
    """Lets pieces join and leave between any two steps, so that none waits for another to end.

    Pieces of one model share each step. A piece's music does not depend on its company, so none of
    this can be heard. Who waits for a first note goes first, then who has little in hand: neither
    waits for music that is to be heard in ten seconds. What would have to wait for too many others
    is refused at once.

    Attributes:
        places: those that are kept for requests that were read.
    """

    def __init__(self, growing: int, waiting: int, deadline_seconds: float) -> None:
        self.places = Places()
        self._most_growing = growing
        self._most = growing + waiting
        self._deadline_seconds = deadline_seconds
        self._arrivals: deque[Stream] = deque()
        self._woken: deque[Stream] = deque()
        self._growing: dict[LstmEngine, list[Stream]] = {}
        self._batches: dict[LstmEngine, LstmBatch] = {}
        self._news = News()
        self._changed = threading.Condition()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def pending(self) -> int:
        """How many pieces grow or wait."""
        growing = sum(map(len, self._growing.copy().values()))
        return len(self._arrivals) + len(self._woken) + growing

    @property
    def is_full(self) -> bool:
        """Whether another piece would be refused."""
        return self.pending + self.places.kept >= self._most

    def join(self, engine: LstmEngine, request: Request, wants_frames: bool = False) -> Stream:
        """Let a piece grow from now on. Call from the event loop only.

        Raises:
            BadInput: the model never met the composer or the ensemble.
            Problem: 503, too many pieces grow and wait already.
        """
        self.places.take()
        if self.is_full:
            raise full()
        deadline = time.monotonic() + self._deadline_seconds
        stream = Stream(engine, engine.begin(request), deadline, wants_frames)
        self._arrive(stream, self._arrivals)
        return stream

    def wake(self, stream: Stream) -> None:
        """Let a piece grow that rests because it was not ready. Call from the event loop only.

        Somebody plays along with it, so it goes on at once however many grow: it has begun.
        """
        self._arrive(stream, self._woken)

    def _arrive(self, stream: Stream, waiting: deque[Stream]) -> None:
        self._loop = asyncio.get_running_loop()
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="musicgen-batcher", daemon=True
                )
                self._thread.start()
            waiting.append(stream)
            self._changed.notify()

    def close(self) -> None:
        """Stop growing; whoever still waits is told to come back."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread:
            self._thread.join(timeout=5)

    def _work(self) -> None:
        turns = count()  # of all engines: each of them has to have a step for everybody
        is_going = True
        while is_going:
            try:
                is_going = self._turn(next(turns))
            except Exception as error:  # whoever comes next needs this thread
                log.exception("A turn failed")
                self._clear(error)
        self._clear(unavailable("The server is shutting down; try again soon.", 5))

    def _turn(self, turn: int) -> bool:
        """Let the pieces of each engine grow by a frame; returns whether to go on."""
        if not self._admitted():
            return False
        if turn % TURNS == 0:
            self._look_around()
        for engine, streams in list(self._growing.items()):
            self._step(engine, streams, turn)
        self._tell()
        return True

    def _admitted(self) -> bool:
        """Wait for something to do and let it in; returns whether to go on."""
        with self._changed:
            while not (self._closed or self._arrivals or self._woken or self._growing):
                self._changed.wait()
        now = time.monotonic()
        growing = sum(map(len, self._growing.values()))
        fresh: dict[LstmEngine, list[Stream]] = {}
        while self._woken or (self._arrivals and growing < self._most_growing):
            stream = (self._woken or self._arrivals).popleft()
            if self._goes_on(stream, now) and stream not in self._growing.get(stream.engine, ()):
                fresh.setdefault(stream.engine, []).append(stream)
                growing += 1
        for engine, streams in fresh.items():
            self._regroup(engine, self._growing.get(engine, []) + streams)
        return not self._closed

    def _look_around(self) -> None:
        """Let go of those that have had no step for a while and are not wanted any more, or late.

        To look at everybody before each step would take as long as a step for one of them.
        """
        now = time.monotonic()
        for engine, streams in list(self._growing.items()):
            self._regroup(engine, [s for s in streams if self._goes_on(s, now)])

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
        self._growing[engine] = streams  # first: so that they are told if the rest fails
        batch = self._batches.setdefault(engine, engine.batch())
        batch.regroup([stream.piece for stream in streams])
        if not streams:
            del self._growing[engine], self._batches[engine]

    def _step(self, engine: LstmEngine, streams: list[Stream], turn: int) -> None:
        now = time.monotonic()
        rows = rows_of_turn(turn, streams, now)
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
                self._news.add(stream, frame, urgent=stream.take(frame, now))
            if frame and stream.piece.done:
                self._news.add(stream, stream.piece.score())
        gone = {stream for stream in stepped if not self._goes_on(stream, now)}
        if gone:
            self._regroup(engine, [stream for stream in streams if stream not in gone])

    def _tell(self) -> None:
        if self._loop:
            try:
                self._news.tell(self._loop, everything=not self._growing)
            except RuntimeError:  # the loop is closed, and nobody is left to be told
                self._closed = True

    def _clear(self, error: Exception) -> None:
        growing = [stream for group in self._growing.values() for stream in group]
        streams = [*self._arrivals, *self._woken, *growing]
        for stream in streams:
            self._news.add(stream, error)
        self._arrivals.clear()
        self._woken.clear()
        self._growing.clear()
        self._batches.clear()
        self._tell()


def full() -> Problem:
    """Return the problem of a batcher that can take no more."""
    return unavailable("Too many pieces are being made; try again in a second.", 1)
