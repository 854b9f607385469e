"""What a channel has named so far, and what it could name again."""

from dataclasses import dataclass

from musicgen import manifest
from musicgen.errors import BadInput
from musicgen.registry import layout
from musicgen.registry.channel import Channel


@dataclass(frozen=True)
class Reign:
    """A version that a channel names or named.

    Attributes:
        version: such as ``lstm-3``.
        score: when it was last made champion, 0 to 1.
        generation: at which it was last made champion.
        since: when that was, ISO 8601 in UTC.
        actor: who did it.
        reason: why.
        withdrawn: it was rolled back, and does not return by itself.
        available: its bundle is there still.
    """

    version: str
    score: float
    generation: int
    since: str
    actor: str
    reason: str
    withdrawn: bool
    available: bool


@dataclass(frozen=True)
class History:
    """A channel's ledger by version.

    Attributes:
        channel: ``overall``, ``lstm`` or ``gan``.
        champion: the version that it names.
        generation: of its pointer.
        versions: the champion and all that led before, each once, the latest first.
        fallback: where a rollback leads: the latest other version that was not withdrawn and is
            there; None if there is none.
    """

    channel: str
    champion: str
    generation: int
    versions: list[Reign]
    fallback: str | None


def family_of(channel_name: str) -> str | None:
    """Return a channel's family, None for the overall one.

    Raises:
        BadInput: there is no such channel.
    """
    if channel_name not in layout.CHANNELS:
        known = ", ".join(layout.CHANNELS)
        raise BadInput(f"There is no channel {channel_name!r}; choose one of {known}.")
    return layout.CHANNELS[channel_name]


def history(bucket_uri: str, channel_name: str = "overall") -> History:
    """Read a channel's ledger.

    Raises:
        BadInput: there is no such channel, or nothing was promoted in it yet.
    """
    channel = Channel(bucket_uri, family_of(channel_name))
    pointer = channel.settled()
    if pointer is None:
        raise BadInput(f"{channel_name} has no champion in {bucket_uri}: run `musicgen promote`.")
    withdrawn = channel.ledger.withdrawn()
    latest = {entry.pointer.version: entry for entry in channel.ledger.entries()}
    reigns = [
        Reign(
            version,
            entry.pointer.score,
            entry.pointer.generation,
            entry.time,
            entry.actor,
            entry.reason,
            version in withdrawn,
            manifest.exists(layout.version_uri(bucket_uri, version)),
        )
        for version, entry in latest.items()
    ]
    reigns.sort(key=lambda reign: -reign.generation)
    usable = [
        reign.version
        for reign in reigns
        if reign.available and not reign.withdrawn and reign.version != pointer.version
    ]
    fallback = usable[0] if usable else None
    return History(channel_name, pointer.version, pointer.generation, reigns, fallback)
