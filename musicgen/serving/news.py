"""What the batcher's thread has to tell the event loop, and when."""

import asyncio
import time
from collections import deque

from musicgen.generation.growing_piece import Frame
from musicgen.music.grid import GridScore
from musicgen.serving.stream import Stream

TELL_SECONDS = 0.1
"""How long news that can wait is gathered: each telling costs the event loop a turn a piece."""

Outcome = GridScore | Exception
"""A whole piece, or why there is none."""


class News:
    """Gathers frames and outcomes for streams, each stream's in order.

    It belongs to the batcher's thread but for the ends, which the event loop works off one a turn:
    many pieces may end at a step, each has an answer to be written then, and whoever else is to be
    answered in between shall not wait for all of them.
    """

    def __init__(self) -> None:
        self._items: dict[Stream, list[Frame | Outcome]] = {}
        self._urgent: set[Stream] = set()
        self._told = 0.0
        self._ends: deque[tuple[Stream, Outcome]] = deque()

    def add(self, stream: Stream, item: Frame | Outcome, urgent: bool = True) -> None:
        """Take in an item; ``urgent`` if somebody waits for it."""
        self._items.setdefault(stream, []).append(item)
        if urgent:
            self._urgent.add(stream)

    def tell(self, loop: asyncio.AbstractEventLoop, everything: bool) -> None:
        """Hand over what is urgent, or now and then all.

        Raises:
            RuntimeError: the loop is closed.
        """
        now = time.monotonic()
        if everything or now > self._told + TELL_SECONDS:
            items, self._items, self._told = self._items, {}, now
        else:
            items = {stream: self._items.pop(stream) for stream in self._urgent}
        self._urgent = set()
        if items:
            loop.call_soon_threadsafe(self._deliver, loop, items)

    def _deliver(
        self, loop: asyncio.AbstractEventLoop, items: dict[Stream, list[Frame | Outcome]]
    ) -> None:
        is_idle = not self._ends
        for stream, some in items.items():
            for item in some:
                if isinstance(item, Frame):
                    stream.add(item)
                else:
                    self._ends.append((stream, item))
        if is_idle:
            self._end_one(loop)

    def _end_one(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._ends:
            stream, outcome = self._ends.popleft()
            stream.end(outcome)
        if self._ends:
            loop.call_soon(self._end_one, loop)
