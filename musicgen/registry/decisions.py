"""Decisions: what a challenge came to and on what grounds, whether a pointer moved or not."""

import json
from contextlib import suppress
from typing import Any

from musicgen import manifest, storage
from musicgen.registry import atomic, layout
from musicgen.registry.atomic import Conflict
from musicgen.registry.channel import Channel
from musicgen.registry.ledger import actor, now
from musicgen.registry.pointer import Pointer
from musicgen.registry.rule import Decision


def record_decision(
    channel: Channel, version: str | None, champion: Pointer | None, decision: Decision
) -> str:
    """Write a decision beside the ledger, once, and return its URI.

    It holds every gate with its value and limit, both scores with their intervals, the share of
    paired resamples won, what the smoke test found, and the reason in a sentence.

    Args:
        channel: that was challenged.
        version: the challenger's; None if it was only judged, and nothing was to come of it.
        champion: what the channel named before.
        decision: what it came to.
    """
    question = {
        "channel": layout.channel_name(channel.family),
        "version": version,
        "run_id": decision.evidence["challenger"]["run_id"],
        "champion": champion.version if champion else None,
        "generation": champion.generation if champion else 0,
        "evaluation_uri": decision.evidence["challenger"]["evaluation_uri"],
        "wins": decision.wins,
    }
    uri = storage.join(
        layout.decisions_uri(channel.bucket_uri, channel.family),
        f"{question['generation']:04d}-{version or 'judged'}-{manifest.digest(question)}.json",
    )
    document: dict[str, Any] = {
        **question,
        "reason": decision.reason,
        "evidence": decision.evidence,
        "actor": actor(),
        "time": now(),
    }
    text = json.dumps(document, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False)
    with suppress(Conflict):  # the same question was answered before; the first record stays
        atomic.create(uri, text.encode() + b"\n")
    return uri
