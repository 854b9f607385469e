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
    pairs = (
        (reference, other, reference_weights, other_weights),
        (reference, reference, reference_weights, reference_weights),
        (other, other, other_weights, other_weights),
    )
    found = {}
    for name in names:
        across, inside, within = (
            _mean_distance(a.features[name], b.features[name], a.pieces, b.pieces, wa, wb)
            for a, b, wa, wb in pairs
        )
        excess = 2 * across - inside - within
        found[name] = 1 - np.divide(excess, 2 * across, np.zeros_like(excess), where=across > 0)
    return found


def aspects(by_measure: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Average likenesses by aspect; see ``catalogue.ASPECTS``."""
    return {
        aspect: np.mean([by_measure[name] for name in names], axis=0)
        for aspect, names in ASPECTS.items()
    }


def combined(by_aspect: dict[str, np.ndarray], sounding_share: np.ndarray) -> np.ndarray:
    """Return the score, 0 to 1: the mean over aspects, times the share of excerpts that sound."""
    return np.clip(sounding_share * np.mean(list(by_aspect.values()), axis=0), 0, 1)


def _mean_distance(
    x: np.ndarray,
    y: np.ndarray,
    x_pieces: np.ndarray,
    y_pieces: np.ndarray,
    x_weights: np.ndarray,
    y_weights: np.ndarray,
) -> np.ndarray:
    """Return the weighted mean distance over pairs from different pieces, ``(resamples,)``."""
    counted = (x_pieces[:, None] != y_pieces).astype(np.float64)
    total = ((x_weights @ (cdist(x, y, "cityblock") * counted)) * y_weights).sum(1)
    return total / ((x_weights @ counted) * y_weights).sum(1)
