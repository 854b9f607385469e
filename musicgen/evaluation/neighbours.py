"""Set-level checks on all scoring measures at once: can sets be told apart, is one collapsed?"""

import numpy as np
from scipy.spatial.distance import cdist

from musicgen.evaluation.catalogue import SCORING
from musicgen.evaluation.excerpt_set import ExcerptSet


def told_apart(reference: ExcerptSet, other: ExcerptSet) -> float:
    """Return how often an excerpt's nearest neighbour is of its own set, 0 to 1.

    The leave-one-out accuracy of a nearest-neighbour classifier, real or generated (D. Lopez-Paz,
    M. Oquab, Revisiting classifier two-sample tests, 2017): 0.5 where nothing tells the sets
    apart, 1 where every excerpt betrays its own. Excerpts of one piece are no neighbours.
    """
    scales = _scales(reference)
    rows = np.concatenate([_joint(reference, scales), _joint(other, scales)])
    is_other = np.arange(len(rows)) >= len(reference.scores)
    pieces = np.concatenate([reference.pieces, other.pieces])
    distances = cdist(rows, rows, "cityblock")
    distances[pieces[:, None] == pieces] = np.inf
    # Ties count by halves: of equal excerpts none is nearer.
    nearest = distances <= distances.min(1, keepdims=True)
    return float(((nearest & (is_other[:, None] == is_other)).sum(1) / nearest.sum(1)).mean())


def diversity(reference: ExcerptSet, other: ExcerptSet) -> float:
    """Return the mean distance inside a set as a share of that inside the reference.

    1 where both are as diverse, 0 where all excerpts are the same (mode collapse).
    """
    scales = _scales(reference)
    own, real = (_mean_inside(part, scales) for part in (other, reference))
    return own / real if real else 1.0


def _scales(reference: ExcerptSet) -> dict[str, float]:
    """Weigh the measures so that each contributes as much to distances inside the reference."""
    spreads = {}
    for name in SCORING:
        rows = reference.features[name]
        spreads[name] = cdist(rows, rows, "cityblock").mean()
    return {name: 1 / spread if spread else 0.0 for name, spread in spreads.items()}


def _joint(excerpts: ExcerptSet, scales: dict[str, float]) -> np.ndarray:
    return np.hstack([excerpts.features[name] * scale for name, scale in scales.items()])


def _mean_inside(excerpts: ExcerptSet, scales: dict[str, float]) -> float:
    rows = _joint(excerpts, scales)
    counted = excerpts.pieces[:, None] != excerpts.pieces
    return float(cdist(rows, rows, "cityblock")[counted].mean())
