"""What the batcher's thread has to tell the event loop, and when."""

import asyncio
import time

from musicgen.generation.growing_piece import Frame
from musicgen.serving.stream import Stream

TELL_SECONDS = 0.1
"""How long news that can wait is gathered: each telling costs the event loop a turn a piece."""

Item = Frame | Exception | None
"""A frame, why a piece failed, or nothing where it is done."""


class News:
    """Gathers items for streams, each stream's in order. Belongs to the batcher's thread."""

    def __init__(self) -> None:
        self._items: dict[Stream, list[Item]] = {}
        self._urgent: set[Stream] = set()
        self._told = 0.0

    def add(self, stream: Stream, item: Item, urgent: bool = True) -> None:
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
            loop.call_soon_threadsafe(_deliver, items)


def _deliver(items: dict[Stream, list[Item]]) -> None:
    for stream, some in items.items():
        for item in some:
            if isinstance(item, Frame):
                stream.add(item)
            else:
                stream.end(item)
