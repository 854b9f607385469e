"""How alike two sets of excerpts are in one measure, and in all: the score.

The energy coefficient of inhomogeneity (G. Székely, M. Rizzo, Energy statistics, 2013) compares
distances between two sets with those inside them,

    H = (2 E d(X, Y) - E d(X, X') - E d(Y, Y')) / (2 E d(X, Y)),

0 where the sets are drawn alike, 1 where each is one point and the points differ; ``d`` is the sum
of absolute differences. A likeness is 1 - H.
"""

from collections.abc import Iterable

import numpy as np
from scipy.spatial.distance import cdist

from musicgen.evaluation.catalogue import ASPECTS
from musicgen.evaluation.excerpt_set import ExcerptSet


def likeness(
    reference: ExcerptSet,
    other: ExcerptSet,
    reference_weights: np.ndarray,
    other_weights: np.ndarray,
    names: Iterable[str],
) -> dict[str, np.ndarray]:
    """Return the likeness of two sets in each named measure, at most about 1.

    Args:
        reference: n excerpts.
        other: m excerpts.
        reference_weights: how often each excerpt counts, shape ``(resamples, n)``; at least two
            pieces must count in every row.
        other_weights: the same for the other set, shape ``(resamples, m)``.
        names: which measures.

    Returns:
        By measure an array of shape ``(resamples,)``. Expectations leave out pairs from one piece,
        so they have no bias, and sets that are alike may come out a little above 1.
    """
    names = list(names)
    across = _mean_distances(reference, other, reference_weights, other_weights, names)
    inside = _mean_distances(reference, reference, reference_weights, reference_weights, names)
    within = _mean_distances(other, other, other_weights, other_weights, names)
    excess = 2 * across - inside - within
    found = 1 - np.divide(excess, 2 * across, np.zeros_like(excess), where=across > 0)
    return dict(zip(names, found.T, strict=True))


def aspects(by_measure: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Average likenesses by aspect; see ``catalogue.ASPECTS``."""
    return {
        aspect: np.mean([by_measure[name] for name in names], axis=0)
        for aspect, names in ASPECTS.items()
    }


def combined(by_aspect: dict[str, np.ndarray], sounding_share: np.ndarray) -> np.ndarray:
    """Return the score, still uncut: the mean over aspects, times the share that sounds."""
    return sounding_share * np.mean(list(by_aspect.values()), axis=0)


def _mean_distances(
    first: ExcerptSet,
    second: ExcerptSet,
    first_weights: np.ndarray,
    second_weights: np.ndarray,
    names: list[str],
) -> np.ndarray:
    """Return weighted mean distances over pairs from different pieces, ``(resamples, names)``."""
    counted = (first.pieces[:, None] != second.pieces).astype(np.float64)
    distances = np.stack(
        [counted * cdist(first.features[n], second.features[n], "cityblock") for n in names], axis=1
    )
    # One product for all measures: many small ones would spend their time waking threads.
    summed = (first_weights @ distances.reshape(len(counted), -1)).reshape(
        len(first_weights), len(names), -1
    )
    totals = np.einsum("rnm,rm->rn", summed, second_weights)
    return totals / ((first_weights @ counted) * second_weights).sum(1)[:, None]
