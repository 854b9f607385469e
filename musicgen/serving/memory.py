"""What was used last, as much of it as there is room for."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Memory(Generic[T]):
    """Values by key, of which those that were not used for the longest time are forgotten first.

    Args:
        room: how much is kept at the most.
        size: of a value, in the unit of ``room``; each takes 1 where this is left out.
    """

    def __init__(self, room: int, size: Callable[[T], int] = lambda _: 1) -> None:
        self._room = room
        self._size = size
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._taken = 0

    def get(self, key: Hashable) -> T | None:
        """Return a value, None if it is not remembered."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: Hashable, value: T) -> None:
        """Remember a value; one that is larger than all the room is forgotten at once."""
        if key in self._values:
            self._taken -= self._size(self._values.pop(key))
        self._values[key] = value
        self._taken += self._size(value)
        while self._taken > self._room:
            self._taken -= self._size(self._values.popitem(last=False)[1])
