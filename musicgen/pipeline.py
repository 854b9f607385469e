"""All stages in order without Airflow, each in a process of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

RunStage = Callable[[list[str]], dict[str, Any]]


@dataclass(frozen=True)
class PipelineResult:
    """What a pipeline made: URIs of corpus and dataset, run ids by family, scores, verdict."""

    corpus_uri: str
    dataset_uri: str
    runs: dict[str, str]
    scores: dict[str, Any]
    promoted: bool
    version: str
    champion: str
    reason: str
    report_uri: str
    stages: dict[str, dict[str, Any]] = field(repr=False)


def run_pipeline(
    run_stage: RunStage,
    corpus: str,
    source: str | None,
    families: list[str],
    profile: str,
    seed: int,
    policy: str,
) -> PipelineResult:
    """Run ingest, preprocess, validate, train, evaluate and promote.

    Args:
        run_stage: runs one ``musicgen`` command line and returns its JSON result.
        corpus: name of the corpus.
        source: where the corpus is, or None for its own place.
        families: model families to train.
        profile: training profile.
        seed: seed of every training.
        policy: promotion policy.

    Raises:
        StageFailed: a stage failed; a dataset that is not sound fails its validation.
    """
    results: dict[str, dict[str, Any]] = {}

    def stage(name: str, *arguments: str) -> dict[str, Any]:
        results[name] = run_stage(list(arguments))
        return results[name]

    origin = ["--from", source] if source else []
    corpus_uri = stage("ingest", "ingest", corpus, *origin)["corpus_uri"]
    dataset_uri = stage("preprocess", "preprocess", corpus_uri)["dataset_uri"]
    stage("validate", "validate", dataset_uri)
    options = ("--profile", profile, "--seed", str(seed))
    runs = {
        family: stage(f"train {family}", "train", family, dataset_uri, *options)["run_id"]
        for family in families
    }
    scores = stage("evaluate", "evaluate", *runs.values(), "--dataset", dataset_uri)
    outcome = stage("promote", "promote", *runs.values(), "--policy", policy)
    return PipelineResult(
        corpus_uri=corpus_uri,
        dataset_uri=dataset_uri,
        runs=runs,
        scores=scores["scores"],
        report_uri=scores["report_uri"],
        promoted=outcome["promoted"],
        version=outcome["version"],
        champion=outcome["champion"],
        reason=outcome["reason"],
        stages=results,
    )
