"""Evidence: what an evaluation found out about a model, as the rule needs it."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from musicgen import manifest, storage
from musicgen.errors import BadInput
from musicgen.evaluation.candidate import Candidate
from musicgen.evaluation.evaluate import evaluate
from musicgen.evaluation.heard import LEAK
from musicgen.evaluation.tracking import EVALUATION_TAG, read_run
from musicgen.registry import layout
from musicgen.registry.pointer import Pointer


@dataclass(frozen=True)
class Evidence:
    """A model's entry in an evaluation.

    Attributes:
        name: candidate's name, or the version if it has one.
        family: ``lstm`` or ``gan``.
        run_id: MLflow run that trained it.
        bundle: digest of its bundle.
        score: 0 to 1.
        interval: 95 % of the resampled scores.
        gates: by name: ``value``, ``limit``, ``passed``.
        terms: dataset, samples, seed and protocol: evidence on the same terms can be compared.
        dataset_uri: the dataset of the terms.
        evaluation_uri: where all this was read.
        entry: everything that the evaluation says of it.
        resampled: the score in every resample, shape ``(resamples,)``.
    """

    name: str
    family: str
    run_id: str | None
    bundle: str
    score: float
    interval: tuple[float, float]
    gates: dict[str, dict[str, Any]]
    terms: dict[str, Any]
    dataset_uri: str
    evaluation_uri: str
    entry: dict[str, Any] = field(repr=False, compare=False)
    resampled: np.ndarray = field(repr=False, compare=False)

    @property
    def failed_gates(self) -> list[str]:
        """Names of the gates that were not passed."""
        return [name for name, gate in self.gates.items() if not gate["passed"]]

    @property
    def knew_the_test(self) -> bool:
        """Whether it learned from test pieces of the dataset, so that its score says nothing."""
        return LEAK in self.failed_gates

    def pointer(self, bucket_uri: str, version: str, previous: str | None = None) -> Pointer:
        """Return what a channel names that leads to the model, published as this version."""
        return Pointer(
            version=version,
            family=self.family,
            bundle_uri=layout.version_uri(bucket_uri, version),
            run_id=self.run_id,
            score=self.score,
            dataset_id=self.terms["dataset_id"],
            evaluation_uri=self.evaluation_uri,
            previous=previous,
        )


def read_evaluation(evaluation_uri: str) -> list[Evidence]:
    """Read what an evaluation says of all its candidates.

    Raises:
        BadInput: the evaluation is unfinished or was changed.
    """
    manifest.verify(evaluation_uri)
    document = storage.read_json(storage.join(evaluation_uri, "scores.json"))
    return [
        Evidence(
            name=entry["version"] or name,
            family=entry["family"],
            run_id=entry["run_id"],
            bundle=entry["bundle"],
            score=entry["score"],
            interval=tuple(entry["interval"]),
            gates=entry["gates"],
            terms=document["terms"],
            dataset_uri=document["dataset_uri"],
            evaluation_uri=evaluation_uri,
            entry=entry,
            resampled=np.array(entry["resampled"]),
        )
        for name, entry in document["candidates"].items()
    ]


def evidence_of_run(run_id: str) -> Evidence:
    """Find what the latest evaluation of a run says of it.

    Raises:
        BadInput: the run is unknown or was not evaluated.
    """
    evaluation_uri = read_run(run_id).tags.get(EVALUATION_TAG)
    if evaluation_uri is None:
        raise BadInput(
            f"Run {run_id} was not evaluated: run `musicgen evaluate {run_id} --dataset …` first."
        )
    for evidence in read_evaluation(evaluation_uri):
        if evidence.run_id == run_id:
            return evidence
    raise BadInput(f"{evaluation_uri} says nothing of run {run_id}: evaluate it again.")


def evidence_of_version(pointer: Pointer, on: Evidence, bucket_uri: str) -> Evidence:
    """Return what is known of a published version on another model's terms.

    It stands in that model's evaluation if it took part; else it is evaluated now.
    """
    bundle_uri = layout.version_uri(bucket_uri, pointer.version)
    candidate = Candidate(
        pointer.version, pointer.family, bundle_uri, pointer.run_id, pointer.version
    )
    found = _of_bundle(on.evaluation_uri, candidate)
    if not found:
        terms = (on.terms["samples"], on.terms["seed"])
        again = evaluate([candidate], on.dataset_uri, bucket_uri, *terms)
        found = _of_bundle(again.evaluation_uri, candidate)
    return replace(found[0], name=pointer.version)


def _of_bundle(evaluation_uri: str, candidate: Candidate) -> list[Evidence]:
    digest = candidate.bundle_digest
    return [found for found in read_evaluation(evaluation_uri) if found.bundle == digest]
