"""Places for pieces whose requests were read and have not joined yet."""

from contextvars import ContextVar


class Place:
    """One that is kept until it ends; ending it again changes nothing."""

    def __init__(self, places: "Places") -> None:
        self._places = places
        self._is_kept = True
        places.kept += 1

    def end(self) -> None:
        """Keep it no longer."""
        self._places.kept -= self._is_kept
        self._is_kept = False


class Places:
    """Keeps a place from when a request is read until its piece joins.

    Otherwise all that come while one place is free would be answered to before all but one of them
    are refused. All methods belong to the event loop.

    Attributes:
        kept: how many there are now.
    """

    def __init__(self) -> None:
        self.kept = 0

    def keep(self) -> Place:
        """Keep one for the request under way."""
        place = Place(self)
        _place.set(place)
        return place

    def take(self) -> None:
        """End the one that is kept for the request under way, if there is one."""
        if place := _place.get():
            place.end()


_place: ContextVar[Place | None] = ContextVar("place", default=None)
"""What a request under way holds: each is worked off in a context of its own."""
