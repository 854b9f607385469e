"""Succession: one channel, one challenger, and what comes of it."""

import getpass
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from musicgen.registry import layout
from musicgen.registry.atomic import Conflict
from musicgen.registry.channel import Channel
from musicgen.registry.evidence import Evidence, evidence_of_version
from musicgen.registry.ledger import Entry
from musicgen.registry.pointer import Pointer
from musicgen.registry.rule import decide
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
    """

    pointer: Pointer | None
    evidence: Evidence | None
    moved: bool
    reason: str


def succeed(
    channel: Channel,
    version: str,
    challenger: Evidence,
    smoke: Callable[[str], dict[str, Any]],
) -> Succession:
    """Let a published version challenge a channel's champion.

    Where another process moves the channel meanwhile, the new champion is challenged instead.

    Args:
        channel: of a family, or the overall one.
        version: the challenger's.
        challenger: its evidence.
        smoke: tests its bundle before the channel moves; see ``smoke.smoke``.
    """
    while True:
        champion = channel.settled()
        if champion and champion.version == version:
            return Succession(champion, challenger, False, f"{version} is already champion")
        rival = None
        if champion:
            rival = evidence_of_version(champion, challenger, channel.bucket_uri)
        decision = decide(challenger, rival, version)
        if not decision.wins:
            return Succession(champion, rival, False, decision.reason)
        bundle_uri = layout.version_uri(channel.bucket_uri, version)
        try:
            played = smoke(bundle_uri)
        except SmokeFailed as error:
            return Succession(champion, rival, False, f"{version} failed its smoke test: {error}")
        entry = Entry(
            _pointer(version, challenger, bundle_uri, champion),
            decision.reason,
            _actor(),
            datetime.now(UTC).isoformat(timespec="seconds"),
            {**decision.evidence, "smoke": played},
        )
        try:
            moved = channel.move(entry, champion.generation if champion else 0)
        except Conflict:
            logger.info("%s moved meanwhile; judging again", channel.uri)
            continue
        return Succession(moved, challenger, True, decision.reason)


def _pointer(
    version: str, challenger: Evidence, bundle_uri: str, champion: Pointer | None
) -> Pointer:
    return Pointer(
        version=version,
        family=challenger.family,
        bundle_uri=bundle_uri,
        run_id=challenger.run_id,
        score=challenger.score,
        dataset_id=challenger.terms["dataset_id"],
        evaluation_uri=challenger.evaluation_uri,
        previous=champion.version if champion else None,
    )


def _actor() -> str:
    """Name who promotes: the Airflow run, or the user."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        user = f"uid {os.getuid()}"
    return os.environ.get("AIRFLOW_CTX_DAG_RUN_ID") or user
