"""The stage ``promote``: the best evaluated runs published, and champions if they earned it."""

import logging
import os
from dataclasses import dataclass, replace
from functools import cache, partial

from musicgen import manifest, storage
from musicgen.errors import BadInput
from musicgen.evaluation.candidate import bundle_digest
from musicgen.evaluation.tracking import read_run
from musicgen.registry import layout
from musicgen.registry.card import card
from musicgen.registry.channel import Channel
from musicgen.registry.decisions import record_decision
from musicgen.registry.evidence import Evidence, evidence_of_run, evidence_of_version
from musicgen.registry.news import remember
from musicgen.registry.outcome_note import outcome_note
from musicgen.registry.pointer import Pointer
from musicgen.registry.rule import Decision, decide
from musicgen.registry.smoke import smoke
from musicgen.registry.succession import Succession, succeed
from musicgen.registry.tracking import announce, conclude
from musicgen.registry.versions import publish
from musicgen.stages import ANSWER

POLICIES = ("automatic", "evaluate-only")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PromotionResult:
    """What came of it.

    Attributes:
        promoted: the overall pointer moved, by this call.
        version: the one that was promoted, else the best challenger's; empty if none was published.
        champion: version that the overall pointer names now; empty if there is none.
        reason: why, in a sentence for each pointer.
        generation: of the overall pointer; 0 if there is none.
        decision_uri: the record of the first of these decisions, with every gate and number: on the
            overall pointer, then on each family's. None if nothing was to be decided.
        decisions: all of them.
        pipeline_run_id: of the MLflow run that stands for the DAG run.
    """

    promoted: bool
    version: str
    champion: str
    reason: str
    generation: int
    decision_uri: str | None
    decisions: list[str]
    pipeline_run_id: str | None = None


def promote(
    run_ids: list[str],
    bucket_uri: str,
    policy: str = "automatic",
    airflow_run: str | None = None,
    pipeline_id: str | None = None,
) -> PromotionResult:
    """Publish the best run of each family, and move the champion pointers where they earned it.

    A family's pointer goes to its best run if that beats the family's champion; then the overall
    pointer goes to the better of the families, by the same rule. Safe to run twice and to kill at
    any moment.

    Args:
        run_ids: MLflow runs, evaluated on the same terms.
        bucket_uri: the registry's bucket.
        policy: ``automatic``, or ``evaluate-only``: record what would happen, and do nothing.
        airflow_run: the DAG run that this is for, whose run in MLflow ends here.
        pipeline_id: what was asked of it, under which its outcome is remembered; see ``news``.

    Raises:
        BadInput: a run is unknown or not evaluated, the runs were not evaluated on the same terms,
            a bundle was changed, or there is no such policy.
        MusicgenError: MLflow does not answer, or a smoke test came to no verdict.
    """
    if policy not in POLICIES:
        raise BadInput(f"There is no policy {policy!r}, only {' and '.join(POLICIES)}.")
    challengers = _best_of_families([evidence_of_run(run_id) for run_id in dict.fromkeys(run_ids)])
    promote_or_say = _only_say if policy == "evaluate-only" else _promote
    result = promote_or_say(bucket_uri, challengers)
    _log.info("On stage is %s: %s.", result.champion or "nobody", result.reason)
    if airflow_run:
        note = outcome_note(result.reason, result.champion, challengers)
        parent = conclude(airflow_run, run_ids, result.reason, result.champion, note)
        result = replace(result, pipeline_run_id=parent)
    if pipeline_id:
        remember(bucket_uri, pipeline_id, result.reason)
    return result


def _promote(bucket_uri: str, challengers: list[Evidence]) -> PromotionResult:
    """Publish the challengers, and let them and their families' champions compete."""
    versions = {found.family: _published(bucket_uri, found) for found in challengers}
    tested = cache(partial(smoke, requests_uri=layout.requests_uri(bucket_uri)))
    families = [
        succeed(Channel(bucket_uri, found.family), versions[found.family], found, tested)
        for found in challengers
    ]
    overall = _crown(bucket_uri, families, tested)
    pointers = [_as_pointer(bucket_uri, versions[found.family], found) for found in challengers]
    champions = [found.pointer for found in families if found.pointer]
    champion = overall.pointer.version if overall.pointer else ""
    announce(champions, pointers)
    decisions = [found.decision_uri for found in (overall, *families) if found.decision_uri]
    return PromotionResult(
        promoted=overall.moved,
        version=champion if overall.moved else versions[challengers[0].family],
        champion=champion,
        reason=_reason(families, overall),
        generation=overall.pointer.generation if overall.pointer else 0,
        decision_uri=decisions[0] if decisions else None,
        decisions=decisions,
    )


def _best_of_families(found: list[Evidence]) -> list[Evidence]:
    """Return the best run of each family, best first; one that passes its gates comes before."""
    if not found:
        raise BadInput("There is nothing to promote: name at least one run.")
    if any(other.terms != found[0].terms for other in found):
        raise BadInput(
            "The runs were not evaluated on the same terms (dataset, samples, seed): run "
            "`musicgen evaluate` with all of them."
        )
    ranked = sorted(found, key=lambda one: (bool(one.failed_gates), -one.score))
    best: dict[str, Evidence] = {}
    for one in ranked:
        best.setdefault(one.family, one)
    return list(best.values())


def _published(bucket_uri: str, challenger: Evidence) -> str:
    """Publish a challenger's bundle, which must be the one that was judged."""
    bundle_uri = read_run(challenger.run_id).tags["musicgen.bundle_uri"]
    if bundle_digest(bundle_uri) != challenger.bundle:
        raise BadInput(
            f"{bundle_uri} is not the bundle that was evaluated: evaluate "
            f"{challenger.run_id} again."
        )
    described = manifest.load(bundle_uri)
    model = storage.read_json(storage.join(bundle_uri, "model.json"))
    return publish(
        bucket_uri,
        challenger.family,
        bundle_uri,
        lambda version: card(version, challenger, described, model),
    )


def _crown(bucket_uri: str, families: list[Succession], tested) -> Succession:
    """Let the best of the families' champions challenge the overall one."""
    channel = Channel(bucket_uri)
    barred = channel.ledger.withdrawn()
    standing = [
        found
        for found in families
        if found.pointer and found.evidence and found.pointer.version not in barred
    ]
    if not standing:
        return Succession(channel.settled(), None, False, "no family has a champion to offer")
    best = max(standing, key=lambda one: (not one.evidence.failed_gates, one.evidence.score))
    return succeed(channel, best.pointer.version, best.evidence, tested)


def _only_say(bucket_uri: str, challengers: list[Evidence]) -> PromotionResult:
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


def _as_pointer(bucket_uri: str, version: str, found: Evidence) -> Pointer:
    return Pointer(
        version,
        found.family,
        layout.version_uri(bucket_uri, version),
        found.run_id,
        found.score,
        found.terms["dataset_id"],
        found.evaluation_uri,
    )


def _reason(families: list[Succession], overall: Succession) -> str:
    """Say what became of the overall pointer, then of each family's."""
    champions = [
        found
        for found in families
        if found.pointer and found.evidence and not found.evidence.knew_the_test
    ]
    ranked = sorted(champions, key=lambda found: -found.evidence.score)
    scores = [f"{found.pointer.version} ({found.evidence.score:.3f})" for found in ranked]
    said = [" is better than ".join(scores)] if len(scores) > 1 else []
    outcomes = [overall, *families]
    if said and all(found.moved and not found.pointer.previous for found in outcomes):
        return f"{said[0]}, and there was no champion"
    said += [found.reason for found in outcomes]
    return "; ".join(dict.fromkeys(said))
