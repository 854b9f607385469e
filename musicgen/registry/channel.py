"""A channel: a champion pointer with the ledger that moves it.

The ledger is written first. Whoever creates the entry of the next generation has decided it, and
the pointer follows; if its writer dies in between, the next one to come moves the pointer on. So at
every instant the pointer names the old champion or the new one, and no generation is missing.
"""

from contextlib import suppress
from dataclasses import dataclass, replace

from musicgen.registry import layout
from musicgen.registry.atomic import Conflict
from musicgen.registry.ledger import Entry, Ledger
from musicgen.registry.pointer import Pointer, read_pointer, swap_pointer


@dataclass(frozen=True)
class Channel:
    """The champion channel of a family, or the overall one (``family`` None)."""

    bucket_uri: str
    family: str | None = None

    @property
    def uri(self) -> str:
        """The pointer."""
        return layout.channel_uri(self.bucket_uri, self.family)

    @property
    def ledger(self) -> Ledger:
        """All moves of the pointer."""
        return Ledger(layout.ledger_uri(self.bucket_uri, self.family))

    def settled(self) -> Pointer | None:
        """Return what the channel names, after finishing what a killed writer began."""
        while True:
            pointer = read_pointer(self.uri)
            generation = pointer.generation if pointer else 0
            entry = self.ledger.entry(generation + 1)
            if entry is None:
                return pointer
            with suppress(Conflict):
                swap_pointer(self.uri, entry.pointer, generation)

    def move(self, entry: Entry, expected_generation: int) -> Pointer:
        """Enter a move into the ledger and follow it; returns the pointer with its generation.

        Args:
            entry: its pointer's ``generation`` is set here.
            expected_generation: that of the pointer which was settled and judged, 0 for none.

        Raises:
            Conflict: somebody else moved the channel since; nothing was changed.
        """
        pointer = replace(entry.pointer, generation=expected_generation + 1)
        self.ledger.claim(replace(entry, pointer=pointer))
        # A conflict here means that another process saw the entry and was quicker to follow it.
        with suppress(Conflict):
            swap_pointer(self.uri, pointer, expected_generation)
        return pointer
