"""The stage ``evaluate``: candidates in, scores and a report out."""

import logging
from dataclasses import dataclass
from typing import Any

from musicgen import manifest, storage
from musicgen.errors import BadInput
from musicgen.evaluation import entry, tracking
from musicgen.evaluation.comparison import Comparison, compare
from musicgen.evaluation.sources import Contestant
from musicgen.music.midi import write_midi
from musicgen.preprocess.dataset import Dataset

logger = logging.getLogger(__name__)

PROTOCOL = 5
"""Part of every evaluation's id: raise it whenever the same candidates would score otherwise,
or other gates would judge them."""
KEPT_EXCERPTS = 16


@dataclass(frozen=True)
class EvaluationResult:
    """What the stage made.

    Attributes:
        scores: by candidate: score, interval, aspects, gates and the means of the measures.
        report_uri: a page to read and to hear.
        evaluation_uri: the directory of both, and of all numbers (``scores.json``).
        reused: whether it was there already.
    """

    scores: dict[str, dict[str, Any]]
    report_uri: str
    evaluation_uri: str
    reused: bool


def evaluate(
    candidates: list[Contestant],
    dataset_uri: str,
    bucket_uri: str,
    samples: int = 64,
    seed: int = 0,
) -> EvaluationResult:
    """Judge candidates on the test pieces of a dataset, and leave the verdict with their runs.

    Args:
        candidates: at least one, of different names.
        dataset_uri: its test split is the measure.
        bucket_uri: the evaluation is written to ``evaluations/<id>`` below it.
        samples: excerpts to compare, at most; each candidate plays one for each.
        seed: of the choice of excerpts, and of what is played.

    Raises:
        BadInput: no candidate, no dataset, too few test pieces, or a bundle that cannot be played.
        MusicgenError: MLflow did not take the verdict, which is found again when this is repeated.
    """
    if not candidates:
        raise BadInput("There is nothing to evaluate: name a run, a model or music.")
    dataset = Dataset.open(dataset_uri)
    inputs = _inputs(dataset, candidates, samples, seed)
    uri = storage.join(bucket_uri, "evaluations", manifest.digest(inputs))
    reused = manifest.exists(uri)
    if not reused:
        _write(uri, compare(dataset, candidates, samples, seed), inputs, dataset)
    document = storage.read_json(storage.join(uri, "scores.json"))
    report_uri = storage.join(uri, "report.html")
    _record(candidates, document, uri, dataset)
    scores = {name: entry.summary(found) for name, found in document["candidates"].items()}
    return EvaluationResult(scores, report_uri, uri, reused)


def _inputs(
    dataset: Dataset, candidates: list[Contestant], samples: int, seed: int
) -> dict[str, Any]:
    """Return all that the outcome depends on; candidates count by content, not by place."""
    return {
        "terms": {
            "protocol": PROTOCOL,
            "dataset_id": dataset.dataset_id,
            "samples": samples,
            "seed": seed,
        },
        "candidates": {
            candidate.name: {
                "family": candidate.family,
                "bundle": candidate.bundle_digest,
                "run_id": candidate.run_id,
                "version": candidate.version,
            }
            for candidate in candidates
        },
    }


def _write(uri: str, comparison: Comparison, inputs: dict[str, Any], dataset: Dataset) -> None:
    from musicgen.evaluation.report.page import page

    document = {
        "terms": inputs["terms"],
        "dataset_uri": dataset.uri,
        "candidates": {
            contender.candidate.name: {
                **inputs["candidates"][contender.candidate.name],
                **entry.full(contender),
            }
            for contender in comparison.contenders
        },
        "controls": {name: found.document() for name, found in comparison.controls.items()},
        "held_out_copying": comparison.held_out_copying,
    }
    storage.write_json(storage.join(uri, "scores.json"), document)
    for contender in comparison.contenders:
        for index, score in enumerate(contender.excerpts.scores[:KEPT_EXCERPTS]):
            name = f"{contender.candidate.name}-{index:02d}.mid"
            storage.write_bytes(storage.join(uri, "samples", name), write_midi(score))
    logger.info("Writing the report")
    title = f"{dataset.corpus} · {dataset.dataset_id}"
    storage.write_bytes(storage.join(uri, "report.html"), page(title, comparison).encode())
    manifest.commit(uri, manifest.hashes(uri), **inputs)


def _record(
    candidates: list[Contestant], document: dict[str, Any], uri: str, dataset: Dataset
) -> None:
    """Tell the MLflow runs. Versions go on saying what they were published by."""
    trained = [each for each in candidates if each.run_id and not each.version]
    if not trained:
        return
    report = storage.read_bytes(storage.join(uri, "report.html")).decode()
    for candidate in trained:
        found = document["candidates"][candidate.name]
        tracking.record(candidate.run_id, uri, entry.metrics(found), report, dataset)
