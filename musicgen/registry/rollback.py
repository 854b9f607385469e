"""The way back: a channel returns to a version that led it before."""

from dataclasses import dataclass, replace

from musicgen.errors import BadInput, MusicgenError
from musicgen.registry import layout
from musicgen.registry.atomic import Conflict
from musicgen.registry.channel import Channel
from musicgen.registry.history import History, family_of, history
from musicgen.registry.ledger import ROLLBACK, Entry, actor, now
from musicgen.registry.pointer import Pointer
from musicgen.registry.smoke import smoke
from musicgen.registry.tracking import announce


@dataclass(frozen=True)
class RollbackResult:
    """What came of it.

    Attributes:
        moved: a pointer moved, by this call.
        channel: ``overall``, ``lstm`` or ``gan``.
        version: what the channel names now.
        left: what it named before, None if it names the version already.
        generation: of the channel's pointer.
        reason: in a sentence.
    """

    moved: bool
    channel: str
    version: str
    left: str | None
    generation: int
    reason: str


def rollback(
    bucket_uri: str,
    version: str | None = None,
    channel_name: str = "overall",
    leaving: str | None = None,
    reason: str | None = None,
) -> RollbackResult:
    """Return a channel to a version that led it before; what it leaves does not return by itself.

    The version proves in a fresh process that it plays before anything moves. Where the overall
    champion goes and leads its family too, the family's channel goes back with it. Safe to run
    twice and to kill at any moment.

    Args:
        bucket_uri: the registry's bucket.
        version: where to; None means the latest before that was not rolled back itself.
        channel_name: ``overall``, ``lstm`` or ``gan``.
        leaving: the champion that is to go; another one, come meanwhile, is left alone.
        reason: why, for the ledger.

    Raises:
        BadInput: the version never led the channel or is gone, nothing led before, or another
            champion than ``leaving`` leads.
        MusicgenError: the version does not play or could not be tried, or the channel was moved
            meanwhile.
    """
    past = history(bucket_uri, channel_name)
    channel = Channel(bucket_uri, family_of(channel_name))
    target = _target(past, version)
    if target == past.champion:
        reason = f"{target} leads {channel_name} already"
        announce(_family_champions(bucket_uri))  # whoever moved it may have died before that
        return RollbackResult(False, channel_name, target, None, past.generation, reason)
    if leaving and leaving != past.champion:
        raise BadInput(
            f"{past.champion} leads {channel_name} by now, not {leaving}: look again, then decide."
        )
    target_uri = layout.version_uri(bucket_uri, target)
    played = smoke(target_uri, requests_uri=layout.requests_uri(bucket_uri))
    why = f"{past.champion} was rolled back to {target}"
    why += f": {reason}" if reason else ""
    for each in (*_followers(bucket_uri, channel, past.champion, target), channel):
        pointer = _move(each, past.champion, target, why, {"smoke": played})
    announce(_family_champions(bucket_uri))
    return RollbackResult(True, channel_name, target, past.champion, pointer.generation, why)


def _target(past: History, version: str | None) -> str:
    """Return the version to go to, if the channel can go there."""
    if version is None:
        if past.fallback is None:
            raise BadInput(f"Nothing led {past.channel} before {past.champion} that could again.")
        return past.fallback
    known = {reign.version: reign for reign in past.versions}
    if version not in known:
        raise BadInput(f"{version} never led {past.channel}; its ledger names {', '.join(known)}.")
    if not known[version].available:
        raise BadInput(f"The bundle of {version} is gone: choose another version.")
    return version


def _followers(bucket_uri: str, channel: Channel, leaving: str, target: str) -> tuple[Channel, ...]:
    """Return the family's channel where it has to go along: else it would lead overall again."""
    if channel.family is not None:
        return ()
    family = Channel(bucket_uri, leaving.rpartition("-")[0])
    pointer = family.settled()
    led = {entry.pointer.version for entry in family.ledger.entries()}
    return (family,) if pointer and pointer.version == leaving and target in led else ()


def _move(
    channel: Channel, leaving: str, target: str, reason: str, evidence: dict[str, object]
) -> Pointer:
    entries = [found for found in channel.ledger.entries() if found.pointer.version == target]
    current = channel.settled()
    if current is None or current.version != leaving:
        raise MusicgenError(f"{channel.uri} was moved meanwhile: look again, then decide.")
    bundle_uri = layout.version_uri(channel.bucket_uri, target)
    pointer = replace(entries[-1].pointer, bundle_uri=bundle_uri, previous=leaving)
    try:
        return channel.move(
            Entry(pointer, reason, actor(), now(), evidence, ROLLBACK), current.generation
        )
    except Conflict:
        raise MusicgenError(
            f"{channel.uri} was moved meanwhile: look again, then decide."
        ) from None


def _family_champions(bucket_uri: str) -> list[Pointer]:
    found = [Channel(bucket_uri, family).settled() for family in layout.CHANNELS.values() if family]
    return [pointer for pointer in found if pointer]
