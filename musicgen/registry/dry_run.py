"""What a promotion would come to, by the policy ``evaluate-only``."""

import os

from musicgen.registry.channel import Channel
from musicgen.registry.decisions import record_decision
from musicgen.registry.evidence import Evidence, evidence_of_version
from musicgen.registry.promotion_result import PromotionResult
from musicgen.registry.rule import Decision, decide
from musicgen.stages import ANSWER


def dry_run(bucket_uri: str, challengers: list[Evidence]) -> PromotionResult:
    """Judge the best against the overall champion, each against its family's; move nothing."""
    best = challengers[0]
    champion = Channel(bucket_uri).settled()
    overall, overall_uri = _judged(Channel(bucket_uri), best)
    families = [_judged(Channel(bucket_uri, found.family), found)[1] for found in challengers]
    verb = "would be promoted" if overall.wins else "would not be promoted"
    said = f"{best.name} {verb}, since {overall.reason}"
    return PromotionResult(
        promoted=False,
        version="",
        champion=champion.version if champion else "",
        reason=f"{os.environ.get(ANSWER) or 'evaluate-only'}: {said}",
        generation=champion.generation if champion else 0,
        decision_uri=overall_uri,
        decisions=[overall_uri, *families],
    )


def _judged(channel: Channel, challenger: Evidence) -> tuple[Decision, str]:
    """Return what the rule says, without a smoke test, and where that is recorded."""
    champion = channel.settled()
    rival = evidence_of_version(champion, challenger, channel.bucket_uri) if champion else None
    decision = decide(challenger, rival, challenger.name)
    return decision, record_decision(channel, None, champion, decision)
