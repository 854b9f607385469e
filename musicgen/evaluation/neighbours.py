"""Set-level checks on all scoring measures at once: can sets be told apart, is one collapsed?"""

import numpy as np
from scipy.spatial.distance import cdist

from musicgen.evaluation.catalogue import SCORING
from musicgen.evaluation.excerpt_set import ExcerptSet


def told_apart(
    reference: ExcerptSet,
    other: ExcerptSet,
    reference_weights: np.ndarray,
    other_weights: np.ndarray,
) -> np.ndarray:
    """Return how often an excerpt's nearest neighbour is of its own set, 0 to 1 ``(resamples,)``.

    The leave-one-out accuracy of a nearest-neighbour classifier, real or generated (D. Lopez-Paz,
    M. Oquab, Revisiting classifier two-sample tests, 2017): 0.5 where nothing tells the sets
    apart, 1 where every excerpt betrays its own. Excerpts of one piece are no neighbours. Weights
    as in ``likeness``; they say how often an excerpt is asked, not who its neighbours are, except
    where a set is compared with itself: then they part it, and each excerpt stands on one side.
    """
    scales = _scales(reference)
    rows = np.concatenate([_joint(reference, scales), _joint(other, scales)])
    is_other = np.arange(len(rows)) >= len(reference.scores)
    pieces = np.concatenate([reference.pieces, other.pieces])
    distances = cdist(rows, rows, "cityblock")
    distances[pieces[:, None] == pieces] = np.inf
    weights = np.hstack([reference_weights, other_weights])
    present = weights > 0 if reference is other else np.ones((1, len(rows)), bool)
    own = [_own(np.where(columns, distances, np.inf), is_other) for columns in present]
    return (weights * own).sum(1) / weights.sum(1)


def _own(distances: np.ndarray, is_other: np.ndarray) -> np.ndarray:
    """Return for each row the share of its nearest neighbours that are of its own set."""
    # Ties count by halves: of equal excerpts none is nearer.
    nearest = distances <= distances.min(1, keepdims=True)
    return (nearest & (is_other[:, None] == is_other)).sum(1) / nearest.sum(1)


def diversity(
    reference: ExcerptSet,
    other: ExcerptSet,
    reference_weights: np.ndarray,
    other_weights: np.ndarray,
) -> np.ndarray:
    """Return the mean distance inside a set as a share of that inside the reference.

    1 where both are as diverse, 0 where all excerpts are the same (mode collapse). Weights as in
    ``likeness``; shape ``(resamples,)``.
    """
    scales = _scales(reference)
    own = _mean_inside(other, scales, other_weights)
    real = _mean_inside(reference, scales, reference_weights)
    return np.divide(own, real, out=np.ones_like(own), where=real > 0)


def _scales(reference: ExcerptSet) -> dict[str, float]:
    """Weigh the measures so that each contributes as much to distances inside the reference."""
    spreads = {}
    for name in SCORING:
        rows = reference.features[name]
        spreads[name] = cdist(rows, rows, "cityblock").mean()
    return {name: 1 / spread if spread else 0.0 for name, spread in spreads.items()}


def _joint(excerpts: ExcerptSet, scales: dict[str, float]) -> np.ndarray:
    return np.hstack([excerpts.features[name] * scale for name, scale in scales.items()])


def _mean_inside(excerpts: ExcerptSet, scales: dict[str, float], weights: np.ndarray) -> np.ndarray:
    rows = _joint(excerpts, scales)
    counted = (excerpts.pieces[:, None] != excerpts.pieces).astype(np.float64)
    distances = counted * cdist(rows, rows, "cityblock")
    sums = ((weights @ part * weights).sum(1) for part in (distances, counted))
    return np.divide(*sums)
