"""A GAN's piece on its way, as the event loop sees it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Self

from musicgen.generation.gan_engine import GanEngine
from musicgen.generation.growing_piece import Frame
from musicgen.generation.request import Request
from musicgen.generation.roll_frames import RollFrames
from musicgen.music.grid import GridScore
from musicgen.serving.problems import late
from musicgen.serving.workers import Workers


class Phrases:
    """One piece that a worker makes phrase by phrase; to its listener it is what ``Stream`` is.

    Use it as a context: who leaves it ends the making with the phrase under way.
    """

    def __init__(
        self, engine: GanEngine, request: Request, workers: Workers, deadline_seconds: float
    ) -> None:
        """Begin.

        Raises:
            BadInput: the model never met the composer or the ensemble.
            Problem: 503, too many calls wait already.
        """
        self._engine = engine
        self._request = request
        self._rolls = engine.phrases(request)
        self._deadline_seconds = deadline_seconds
        self._left = False
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + deadline_seconds
        self._news: asyncio.Queue[list[Frame] | None] = asyncio.Queue()
        self._made = workers.begin(self._make)
        self._made.add_done_callback(lambda _: self._news.put_nowait(None))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_) -> None:
        self._left = True

    async def frames(self) -> AsyncIterator[list[Frame]]:
        """Yield finished frames, a phrase at a time.

        Raises:
            Problem: 504, the piece was not done in time.
        """
        while frames := await self._next():
            yield frames

    async def score(self) -> GridScore:
        """Return the piece once it is done."""
        return await asyncio.shield(self._made)

    async def _next(self) -> list[Frame] | None:
        try:
            async with asyncio.timeout_at(self._deadline):
                return await self._news.get()
        except TimeoutError:
            raise late(self._deadline_seconds) from None

    def _make(self) -> GridScore:
        rolls, frames = [], RollFrames()
        for roll in self._rolls:
            if self._left:
                break
            rolls.append(roll)
            self._loop.call_soon_threadsafe(self._news.put_nowait, frames.add(roll))
        return self._engine.score(self._request, rolls)
