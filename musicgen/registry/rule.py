"""The rule of promotion: evidence in, a decision and its reason out. Pure."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from musicgen.evaluation.heard import LEAK
from musicgen.registry.evidence import Evidence

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Decision:
    """Whether the challenger becomes champion, and why.

    Attributes:
        wins: the challenger does.
        reason: a sentence with the numbers that decided.
        evidence: those numbers, for the ledger.
    """

    wins: bool
    reason: str
    evidence: dict[str, Any]


def decide(challenger: Evidence, champion: Evidence | None, name: str) -> Decision:
    """Judge a challenger against the champion, both on the same terms.

    Gates come first. Then the challenger must score higher in ``CONFIDENCE`` of the resamples;
    both are resampled over the same test pieces, so each resample is a fair duel. In doubt, and
    where they tie, the champion stays, unless it learned from the test pieces: then it counts as
    none.

    Args:
        challenger: who wants to be champion.
        champion: who is, None if nobody is yet.
        name: what the reason calls the challenger.

    Raises:
        ValueError: they were judged on different terms.
    """
    facts: dict[str, Any] = {"challenger": _facts(challenger)}
    if barred := barred_by(challenger.gates, name):
        return Decision(False, barred, facts)
    if champion is None:
        reason = f"{name} scores {challenger.score:.3f} and there was no champion"
        return Decision(True, reason, facts)
    if champion.terms != challenger.terms:
        raise ValueError(f"{name} and {champion.name} were judged on different terms")
    if champion.knew_the_test:
        facts |= {"champion": _facts(champion)}
        return Decision(True, _against_none(challenger, champion, name), facts)
    better = better_share(challenger.resampled, champion.resampled)
    facts |= {"champion": _facts(champion), "better_share": better}
    duel = (
        f"{name} scores {challenger.score:.3f} against {champion.score:.3f} of {champion.name}, "
        f"better in {better:.0%} of resamples"
    )
    if better >= CONFIDENCE:
        return Decision(True, duel, facts)
    return Decision(False, f"{duel}, not the {CONFIDENCE:.0%} that a new champion needs", facts)


def _against_none(challenger: Evidence, champion: Evidence, name: str) -> str:
    share = champion.gates[LEAK]["value"]
    return (
        f"{name} scores {challenger.score:.3f} and {champion.name} counts as none, since it "
        f"learned from {share:.0%} of the test pieces"
    )


def better_share(challenger: np.ndarray, champion: np.ndarray) -> float:
    """Return the share of paired resamples that the challenger wins; a tie is no win."""
    return float((challenger > champion).mean())


def barred_by(gates: dict[str, dict[str, Any]], name: str) -> str:
    """Return which gates bar a challenger, and by what numbers; empty if it passes all."""
    failed = [
        f"{gate} is {found['value']:.3f}, at most {found['limit']:.3f} passes"
        for gate, found in gates.items()
        if not found["passed"]
    ]
    return f"{name} is barred by a gate: {', '.join(failed)}" if failed else ""


def _facts(evidence: Evidence) -> dict[str, Any]:
    return {
        "name": evidence.name,
        "run_id": evidence.run_id,
        "score": evidence.score,
        "interval": list(evidence.interval),
        "gates": evidence.gates,
        "evaluation_uri": evidence.evaluation_uri,
    }
