"""The stage ``promote``: the best evaluated runs published, and champions if they earned it."""

import logging
from dataclasses import replace
from functools import cache, partial

from musicgen import manifest, storage
from musicgen.errors import BadInput
from musicgen.evaluation.candidate import bundle_digest
from musicgen.evaluation.tracking import read_run
from musicgen.registry import layout
from musicgen.registry.card import card
from musicgen.registry.channel import Channel
from musicgen.registry.dry_run import dry_run
from musicgen.registry.evidence import Evidence, evidence_of_run
from musicgen.registry.news import remember
from musicgen.registry.outcome_note import outcome_note
from musicgen.registry.promotion_result import PromotionResult
from musicgen.registry.smoke import smoke
from musicgen.registry.succession import Succession, succeed
from musicgen.registry.tracking import announce, conclude
from musicgen.registry.versions import publish

POLICIES = ("automatic", "evaluate-only")

_log = logging.getLogger(__name__)


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
    carry_out = dry_run if policy == "evaluate-only" else _promote
    result = carry_out(bucket_uri, challengers)
    _log.info("On stage is %s: %s.", result.champion or "nobody", result.reason)
    if airflow_run:
        note = partial(outcome_note, result.reason, result.champion, challengers)
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
    pointers = [found.pointer(bucket_uri, versions[found.family]) for found in challengers]
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
