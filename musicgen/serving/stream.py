"""A piece on its way, as the event loop sees it."""

import asyncio
import time
from collections.abc import AsyncIterator
from enum import IntEnum

from musicgen.generation.growing_piece import Frame, GrowingPiece
from musicgen.generation.lstm_engine import LstmEngine
from musicgen.music.grid import STEPS_PER_QUARTER, GridScore

AHEAD_SECONDS = 2
"""How much music in hand lets a stream wait for others: what a page keeps, and more."""

TOLD_SECONDS = 0.3
"""With so much in hand a listener is told of news now and then, which costs less than each time."""


class Need(IntEnum):
    """How soon a stream has to go on, the most urgent first."""

    NOW = 0
    """Its listener has nothing to hear: no note has ended, or all that was made has sounded."""
    SOON = 1
    LATER = 2


class Stream:
    """One piece that the batcher grows, until it is done, fails or nobody wants it any more.

    Use it as a context: who leaves it takes the piece out of the batch.

    Attributes:
        engine: what plays.
        piece: what grows; the batcher's alone until it is done.
        deadline: when the piece has to be done, by the batcher's clock.
        wants_frames: whether frames are handed over one by one.
        left: whether nobody waits any more.
    """

    def __init__(
        self, engine: LstmEngine, piece: GrowingPiece, deadline: float, wants_frames: bool
    ) -> None:
        self.engine = engine
        self.piece = piece
        self.deadline = deadline
        self.wants_frames = wants_frames
        self.left = False
        self._begun = self._sounds_until = time.monotonic()
        self._step_seconds = 60 / piece.tempo_qpm / STEPS_PER_QUARTER
        self._known_steps = piece.request.prompt_steps
        self._is_heard = False
        self._sounding: set[tuple[int, int]] = set()
        self._frames: list[Frame] = []
        self._outcome: GridScore | Exception | None = None
        self._news = asyncio.Event()

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_) -> None:
        self.left = True

    def need(self, now: float) -> Need:
        """Return how soon it has to go on; what is not heard before its end can wait."""
        if not self.wants_frames:
            return Need.LATER
        in_hand_seconds = self._sounds_until - now
        if not self._is_heard or in_hand_seconds < 0:
            return Need.NOW
        return Need.SOON if in_hand_seconds <= AHEAD_SECONDS else Need.LATER

    def take(self, frame: Frame, now: float) -> bool:
        """Take note of a new frame; returns whether the listener waits for it.

        A note is told when it ends, so the frame that ends the first one cannot wait. Of music to
        go on from the listener knows the frames.
        """
        if frame.step < self._known_steps:
            return False
        made_seconds = (frame.step + 1 - self._known_steps) * self._step_seconds
        self._sounds_until = self._begun + made_seconds
        was_heard = self._is_heard
        if not was_heard:
            self._is_heard = not self._sounding <= set(frame.held)
            self._sounding = {*frame.struck, *frame.held}
        least_seconds = TOLD_SECONDS if was_heard else 0
        return self._is_heard > was_heard or self._sounds_until - now < least_seconds

    async def frames(self) -> AsyncIterator[list[Frame]]:
        """Yield finished frames, as many at a time as there are.

        Raises:
            Problem: 504, the piece was not done in time.
        """
        while self._outcome is None or self._frames:
            await self._news.wait()
            self._news.clear()
            frames, self._frames = self._frames, []
            if frames:
                yield frames
        if isinstance(self._outcome, Exception):
            raise self._outcome

    async def score(self) -> GridScore:
        """Return the piece once it is done; raises as ``frames``."""
        while self._outcome is None:
            await self._news.wait()
            self._news.clear()
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    def add(self, frame: Frame) -> None:
        """Hand over a frame. In the event loop only."""
        self._frames.append(frame)
        self._news.set()

    def end(self, outcome: GridScore | Exception) -> None:
        """Say what came of it: nothing more will. In the event loop only."""
        self._outcome = outcome
        self._news.set()
