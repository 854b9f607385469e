"""A piece on its way, as the event loop sees it."""

import asyncio
from collections.abc import AsyncIterator

from musicgen.generation.growing_piece import Frame, GrowingPiece
from musicgen.generation.lstm_engine import LstmEngine
from musicgen.music.grid import GridScore


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
        self._frames: list[Frame] = []
        self._ended = False
        self._error: Exception | None = None
        self._news = asyncio.Event()

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_) -> None:
        self.left = True

    async def frames(self) -> AsyncIterator[list[Frame]]:
        """Yield finished frames, as many at a time as there are.

        Raises:
            Problem: 504, the piece was not done in time.
        """
        while not self._ended or self._frames:
            await self._news.wait()
            self._news.clear()
            frames, self._frames = self._frames, []
            if frames:
                yield frames
        if self._error:
            raise self._error

    async def score(self) -> GridScore:
        """Return the piece once it is done; raises as ``frames``."""
        while not self._ended:
            await self._news.wait()
            self._news.clear()
        if self._error:
            raise self._error
        return self.piece.score()

    def add(self, frame: Frame) -> None:
        """Hand over a frame. In the event loop only."""
        self._frames.append(frame)
        self._news.set()

    def end(self, error: Exception | None = None) -> None:
        """Say that nothing more will come. In the event loop only."""
        self._ended, self._error = True, error
        self._news.set()
