"""Succession: one channel, one challenger, and what comes of it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from musicgen.registry import layout
from musicgen.registry.atomic import Conflict
from musicgen.registry.channel import Channel
from musicgen.registry.decisions import record_decision
from musicgen.registry.evidence import Evidence, evidence_of_version
from musicgen.registry.ledger import Entry, actor, now
from musicgen.registry.pointer import Pointer
from musicgen.registry.rule import Decision, barred_by, decide
from musicgen.registry.smoke import SmokeFailed

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Succession:
    """How a channel stands after a challenge.

    Attributes:
        pointer: what the channel names now, None if there is no champion still.
        evidence: of that champion, on the challenger's terms.
        moved: the challenger became champion.
        reason: why, in a sentence.
        decision_uri: the record of all numbers; None if nothing was to be decided.
    """

    pointer: Pointer | None
    evidence: Evidence | None
    moved: bool
    reason: str
    decision_uri: str | None = None


def succeed(
    channel: Channel,
    version: str,
    challenger: Evidence,
    smoke: Callable[[str, str | None], dict[str, Any]],
) -> Succession:
    """Let a published version challenge a channel's champion.

    What it comes to is recorded with its evidence, whether the channel moves or not. Where another
    process moves the channel meanwhile, the new champion is challenged instead.

    Args:
        channel: of a family, or the overall one.
        version: the challenger's.
        challenger: its evidence.
        smoke: tests its bundle, beside the champion's, before the channel moves; see
            ``smoke.smoke``.
    """
    while True:
        champion = channel.settled()
        if champion and champion.version == version:
            return Succession(champion, challenger, False, f"{version} is already champion")
        rival = None
        if champion:
            rival = evidence_of_version(champion, challenger, channel.bucket_uri)
        decision = decide(challenger, rival, version)
        if version in channel.ledger.withdrawn():
            decision = Decision(False, _withdrawn(version), decision.evidence)
        if decision.wins:
            decision = _tried(channel, version, champion, decision, smoke)
        try:
            moved = _follow(channel, version, challenger, champion, decision)
        except Conflict:
            logger.info("%s moved meanwhile; judging again", channel.uri)
            continue
        uri = record_decision(channel, version, champion, decision)
        if moved:
            return Succession(moved, challenger, True, decision.reason, uri)
        return Succession(champion, rival, False, decision.reason, uri)


def _tried(
    channel: Channel,
    version: str,
    champion: Pointer | None,
    decision: Decision,
    smoke: Callable[[str, str | None], dict[str, Any]],
) -> Decision:
    """Return the decision as it stands after the smoke test and its gates."""
    uri, *rival = (
        layout.version_uri(channel.bucket_uri, name)
        for name in (version, *([champion.version] if champion else []))
    )
    try:
        played = smoke(uri, rival[0] if rival else None)
    except SmokeFailed as error:
        reason = f"{version} failed its smoke test: {error}"
        return Decision(False, reason, {**decision.evidence, "smoke": {"failed": str(error)}})
    barred = barred_by(played["gates"], version)
    return Decision(not barred, barred or decision.reason, {**decision.evidence, "smoke": played})


def _follow(
    channel: Channel,
    version: str,
    challenger: Evidence,
    champion: Pointer | None,
    decision: Decision,
) -> Pointer | None:
    """Move the channel if that was decided; raises Conflict if somebody else has."""
    if not decision.wins:
        return None
    previous = champion.version if champion else None
    pointer = challenger.pointer(channel.bucket_uri, version, previous)
    entry = Entry(pointer, decision.reason, actor(), now(), decision.evidence)
    return channel.move(entry, champion.generation if champion else 0)


def _withdrawn(version: str) -> str:
    return (
        f"{version} was rolled back and does not return by itself; "
        f"`musicgen rollback {version}` brings it back"
    )
