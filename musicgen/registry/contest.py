"""A contest: newly trained models and the champions that they would replace, judged together."""

from musicgen.evaluation.candidate import Candidate
from musicgen.evaluation.evaluate import EvaluationResult, evaluate
from musicgen.evaluation.sources import contestants, told_apart
from musicgen.registry import layout
from musicgen.registry.channel import Channel


def contest(
    sources: list[str], dataset_uri: str, bucket_uri: str, samples: int = 64, seed: int = 0
) -> EvaluationResult:
    """Evaluate runs, models or music and, beside models, their families' champions and the overall.

    Champions appear under their versions; one that a run trained itself appears once, as the run.

    Raises:
        BadInput: a source is unknown or holds too little, or the dataset cannot be used.
    """
    candidates = contestants(sources)
    known = {candidate.bundle_digest for candidate in candidates}
    families = dict.fromkeys(each.family for each in candidates if isinstance(each, Candidate))
    for family in [*families, None] if families else []:
        champion = _champion(bucket_uri, family)
        if champion and champion.bundle_digest not in known:
            known.add(champion.bundle_digest)
            candidates.append(champion)
    return evaluate(told_apart(candidates), dataset_uri, bucket_uri, samples, seed)


def _champion(bucket_uri: str, family: str | None) -> Candidate | None:
    pointer = Channel(bucket_uri, family).settled()
    if pointer is None:
        return None
    return Candidate(
        pointer.version,
        pointer.family,
        layout.version_uri(bucket_uri, pointer.version),
        pointer.run_id,
        pointer.version,
    )
