"""Resampling over pieces: what would other test pieces have said?"""

import numpy as np

RESAMPLES = 1000
HALVINGS = 50
CONFIDENCE = 0.95


def bootstrap_weights(pieces: np.ndarray, seed: int | list[int]) -> np.ndarray:
    """Draw pieces with replacement and return how often each excerpt counts.

    Args:
        pieces: the piece of each excerpt, shape ``(n,)``; at least two differ.
        seed: equal pieces and seed give equal draws, so that candidates judged at different times
            can be compared draw by draw; what is to be drawn apart takes another.

    Returns:
        Shape ``(RESAMPLES, n)``. Draws of a single piece, of which no pair can be made, are drawn
        again.
    """
    names, index = np.unique(pieces, return_inverse=True)
    random = np.random.default_rng(seed)
    rows: list[np.ndarray] = []
    while len(rows) < RESAMPLES:
        drawn = np.bincount(random.integers(len(names), size=len(names)), minlength=len(names))
        if (drawn > 0).sum() > 1:
            rows.append(drawn[index])
    return np.array(rows, np.float64)


def halves(pieces: np.ndarray, seed: int) -> np.ndarray:
    """Split the pieces into random halves; return which excerpts are in the first.

    Returns:
        Shape ``(HALVINGS, n)``, 0 or 1; one minus it is the other half.
    """
    names, index = np.unique(pieces, return_inverse=True)
    random = np.random.default_rng(seed)
    sides = np.arange(len(names)) % 2
    return np.array([random.permutation(sides)[index] for _ in range(HALVINGS)], np.float64)


def interval(values: np.ndarray) -> tuple[float, float]:
    """Return the central interval that holds ``CONFIDENCE`` of the values."""
    low, high = np.quantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)
