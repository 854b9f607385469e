"""The models that play now, kept in step with the bucket behind the requests' backs."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from musicgen.errors import BadInput, MusicgenError
from musicgen.registry.pointer import Pointer
from musicgen.serving.player import Player, loaded
from musicgen.serving.problems import Problem, unavailable
from musicgen.serving.shelf import Away, Shelf

log = logging.getLogger(__name__)

CHANNELS: tuple[str | None, ...] = (None, "lstm", "gan")
"""The overall champion, then each family's."""

MAX_OTHERS = 6
RETRY_SECONDS = 10


def channel_name(channel: str | None) -> str:
    """Return what people call a channel."""
    return channel or "overall"


@dataclass(frozen=True)
class Champion:
    """A channel's pointer together with the player that it names."""

    pointer: Pointer
    player: Player


class Champions:
    """Holds a champion per channel and swaps each as a whole.

    A request takes its champion once and keeps it, so that one under way ends on the old version.
    What cannot be loaded never replaces what plays.

    Attributes:
        problems: by channel's name, why its newest pointer is not served; empty when all is well.
    """

    def __init__(self, shelf: Shelf, poll_seconds: float) -> None:
        self.problems: dict[str, str] = {}
        self._shelf = shelf
        self._poll_seconds = poll_seconds
        self._current: dict[str | None, Champion] = {}
        self._others: OrderedDict[str, Player] = OrderedDict()
        self._failures: dict[str, tuple[float, MusicgenError]] = {}
        self._looking = threading.Lock()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._looked = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="musicgen-champions", daemon=True)

    def start(self, patience_seconds: float = 10) -> None:
        """Begin to follow the bucket; returns once it was looked at or patience ends."""
        self._thread.start()
        self._looked.wait(patience_seconds)

    def stop(self) -> None:
        """Stop following."""
        self._stopping.set()
        self._thread.join(timeout=5)

    @property
    def current(self) -> dict[str | None, Champion]:
        """The champions by channel; a snapshot that nobody changes."""
        return self._current

    def champion(self, family: str | None) -> Champion:
        """Return who plays for a family, or overall.

        Raises:
            Problem: 503, nobody yet.
        """
        found = self._current.get(family)
        if found is None:
            who = f"champion of the family {family}" if family else "champion"
            detail = f"There is no {who} yet: run the pipeline, then ask again."
            raise unavailable(self.problems.get(channel_name(family), detail), RETRY_SECONDS)
        return found

    def player(self, version: str) -> Player:
        """Return the player of any published version, loading it if need be.

        Raises:
            Problem: 404, there is no such version, or it cannot be loaded; 503, nobody knows,
                for the bucket is away, or this machine has no room for it now.
        """
        player = self.at_hand(version)
        if player is not None:
            return player
        with self._lock:
            player = self.at_hand(version)
            if player is None:
                try:
                    player = loaded(self._shelf, version)
                except Away as error:
                    raise unavailable(str(error), RETRY_SECONDS) from None
                except BadInput as error:
                    raise Problem(404, f"Version {version[:40]!r} cannot play: {error}") from None
                self._keep(player)
            return player

    def refresh(self, insist: bool = True) -> None:
        """Look at the bucket now and load what is new.

        Args:
            insist: also try again what failed a moment ago.
        """
        with self._looking:  # one at a time: the later look is the newer one
            pointers, problems = {}, {}
            for channel in CHANNELS:
                with _noted(channel, problems):
                    pointers[channel] = self._shelf.pointer(channel)
            with self._lock:  # whoever loads a version has not waited for the pointers
                current = dict(self._current)
                for channel, pointer in pointers.items():
                    with _noted(channel, problems):
                        if pointer is not None:
                            current[channel] = self._seated(pointer, current, insist)
                for champion in self._current.values():
                    self._keep(champion.player)
                self._current, self.problems = current, problems

    def _poll(self) -> None:
        while not self._stopping.is_set():
            self.refresh(insist=False)
            self._looked.set()
            self._stopping.wait(self._poll_seconds)

    def _seated(
        self, pointer: Pointer, current: dict[str | None, Champion], insist: bool
    ) -> Champion:
        """Return the champion that a pointer names, loading it where it is new."""
        for seat in current.values():
            named = seat.pointer
            if (named.version, named.run_id) == (pointer.version, pointer.run_id):
                return Champion(pointer, seat.player)
        return Champion(pointer, self._retried(pointer.version, insist))

    def _retried(self, version: str, insist: bool) -> Player:
        """Load a version, but not what failed a moment ago unless somebody insists."""
        failed_at, failure = self._failures.get(version, (0.0, None))
        if failure and not insist and time.monotonic() < failed_at + RETRY_SECONDS:
            raise failure
        try:
            player = loaded(self._shelf, version)
        except MusicgenError as error:
            self._failures[version] = (time.monotonic(), error)
            raise
        self._failures.pop(version, None)
        return player

    def at_hand(self, version: str) -> Player | None:
        """Return the player of a version if it is loaded."""
        for champion in self._current.values():
            if champion.player.version == version:
                return champion.player
        return self._others.get(version)

    def _keep(self, player: Player) -> None:
        """Keep a player that is, or may soon be, no champion; forget the one kept longest."""
        self._others.pop(player.version, None)
        self._others[player.version] = player
        while len(self._others) > MAX_OTHERS:
            self._others.popitem(last=False)


@contextmanager
def _noted(channel: str | None, problems: dict[str, str]) -> Iterator[None]:
    """Note what keeps a channel from being followed; whatever it is, the next look may go well."""
    try:
        yield
    except MusicgenError as error:
        problems[channel_name(channel)] = str(error)
    except Exception:
        said = f"The {channel_name(channel)} champion cannot be followed"
        log.exception(said)
        problems[channel_name(channel)] = f"{said}; the server's log says why."
