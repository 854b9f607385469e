"""Make a version again from its chain, and see whether it comes out the same."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from musicgen import manifest, storage
from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.generation.engine import load_engine
from musicgen.registry import layout
from musicgen.registry.needs import place
from musicgen.registry.replay import in_names_of, usual_requests

REPRODUCES_TAG = "musicgen.reproduces"
NAMED = ("family", "profile", "seed", "init_from")
"""Parameters that the training job takes by name; all others are settings of the profile."""


@dataclass(frozen=True)
class ReproduceResult:
    """How a version and the same training done again compare.

    Attributes:
        version: such as ``lstm-3``.
        identical: every array is equal, bit by bit.
        largest_difference: between two weights at the same place.
        same_music: share of the usual requests that both answer with the same notes, 0 to 1.
        metrics: of the best epoch by name, then and now; empty if the first are gone.
        same_code: the commit is the one that trained the version.
        run_id: of the new training.
        model_uri: the new bundle.
        reused: it had been made again before.
    """

    version: str
    identical: bool
    largest_difference: float
    same_music: float
    metrics: dict[str, list[float]]
    same_code: bool
    run_id: str
    model_uri: str
    reused: bool


def reproduce(bucket_uri: str, version: str) -> ReproduceResult:
    """Train again what a version says it was trained from, and compare.

    The same code on the same machine gives the same weights; another machine may round otherwise.

    Args:
        bucket_uri: the registry's bucket; the new training goes to ``reproductions/`` below it.
        version: any published version.

    Raises:
        BadInput: there is no such version, or a link of its chain is gone.
    """
    from musicgen.training.job import train
    from musicgen.training.provenance import UNKNOWN_SHA, git_sha

    bundle_uri = layout.version_uri(bucket_uri, version)
    if not storage.exists(bundle_uri):
        named = "versions are named like lstm-3"
        raise BadInput(f"There is no version {version!r} in {bucket_uri}: {named}.")
    first = Bundle.load(bundle_uri)
    origin = first.provenance
    parameters, metrics = _origin(bucket_uri, version, origin)
    result = train(
        first.family,
        storage.join(bucket_uri, place(origin["dataset_uri"])),
        storage.join(bucket_uri, "reproductions", version),
        profile=parameters["profile"],
        seed=parameters["seed"],
        overrides={name: value for name, value in parameters.items() if name not in NAMED},
        init_from=parameters["init_from"] or None,
    )
    _tag(result.run_id, version)
    second = Bundle.load(result.model_uri)
    difference = _largest_difference(first.weights, second.weights)
    shared = metrics.keys() & result.metrics.keys()
    return ReproduceResult(
        version=version,
        identical=difference == 0.0,
        largest_difference=difference,
        same_music=_same_music(first, second),
        metrics={name: [metrics[name], result.metrics[name]] for name in sorted(shared)},
        same_code=git_sha() == origin.get("git_sha") != UNKNOWN_SHA,
        run_id=result.run_id,
        model_uri=result.model_uri,
        reused=result.reused,
    )


def _origin(
    bucket_uri: str, version: str, origin: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, float]]:
    """Return the parameters and metrics of the training, from the bundle or from beside it."""
    training_uri = storage.join(bucket_uri, "training", str(origin.get("training_id")))
    trained = manifest.load(training_uri) if manifest.exists(training_uri) else {}
    parameters = origin.get("parameters") or trained.get("parameters")
    if not parameters or not origin.get("dataset_uri"):
        raise BadInput(f"{version} does not say how it was trained: it cannot be made again.")
    return parameters, trained.get("metrics", {})


def _largest_difference(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> float:
    """Return the largest absolute difference; infinite where the shapes differ."""
    if {n: a.shape for n, a in first.items()} != {n: a.shape for n, a in second.items()}:
        return float("inf")
    return max((float(np.abs(first[n] - second[n]).max(initial=0)) for n in first), default=0.0)


def _same_music(first: Bundle, second: Bundle) -> float:
    engines = [load_engine(bundle) for bundle in (first, second)]
    requests = in_names_of(engines[0], usual_requests())
    pairs = zip(*(engine.generate(requests) for engine in engines), strict=True)
    return float(np.mean([np.array_equal(one.notes, other.notes) for one, other in pairs]))


def _tag(run_id: str, version: str) -> None:
    from musicgen.training.tracking import Tracker

    Tracker().client.set_tag(run_id, REPRODUCES_TAG, version)
