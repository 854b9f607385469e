"""The generator's prior, measured on the training rolls."""

import numpy as np
from scipy.special import ndtri

from musicgen.models.roll_prior import LEVELS, LINES, RollPrior
from musicgen.representation.pianoroll import STEPS, STEPS_PER_BAR
from musicgen.training.roll_batches import Rolls

MOST_ROLLS = 600
RAREST = 2e-5
"""Share of steps below which a line counts as silent: one in some hundred excerpts."""

_BLOCKS_STEPS = (STEPS, STEPS_PER_BAR, STEPS_PER_BAR // 4, STEPS_PER_BAR // 8, 1)


def measure_prior(rolls: Rolls, ensembles: int, width: int, seed: int) -> RollPrior:
    """Measure a prior on a sample of rolls, each in a random key of those it can take.

    Args:
        rolls: the training rolls.
        ensembles: number of ensembles.
        width: number of chords, at most ``LINES``.
        seed: of the sample and its keys.
    """
    random = np.random.default_rng(seed)
    rows = np.sort(random.permutation(len(rolls))[:MOST_ROLLS])
    lowest, highest = rolls.shift_ranges()
    cells = rolls.dense(rows)
    shifts = random.integers(lowest[rows], highest[rows] + 1)
    cells = np.stack([np.roll(x, shift, 1) for x, shift in zip(cells, shifts, strict=True)])
    sounding = cells.any(-1).reshape(-1, STEPS, LINES)
    # All lines for those who name no ensemble, and for ensembles that the sample lacks.
    density = np.repeat(sounding.mean((0, 1))[None], ensembles, 0)
    for ensemble in np.unique(rolls.ensemble[rows]):
        density[ensemble] = sounding[rolls.ensemble[rows] == ensemble].mean((0, 1))
    differing = (sounding - density[rolls.ensemble[rows]][:, None]).astype(np.float32)
    chords, shares = _principal(differing, width)
    going_on = sounding[:, 1:] & sounding[:, :-1]
    struck = cells[:, 1:, ..., 0].reshape(going_on.shape) & going_on
    return RollPrior(
        chords,
        ndtri(np.clip(density, RAREST, 0.5)).astype(np.float32),
        shares,
        float(np.clip(struck.sum() / max(going_on.sum(), 1), 0.001, 0.5)),
    )


def _principal(differing: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the chords and shares of ``RollPrior``, by principal components of the steps."""
    spread = differing.std((0, 1)) + 1e-3
    steps = differing.reshape(-1, LINES)[:: STEPS_PER_BAR // 4] / spread
    variances, directions = np.linalg.eigh(steps.T @ steps / len(steps))
    variances, directions = variances[::-1][:width], directions[:, ::-1][:, :width]
    chords = (directions * np.sqrt(np.maximum(variances, 0))).T
    chords /= np.linalg.norm(chords, axis=0) + 1e-3
    return chords.astype(np.float32), _shares(differing / spread @ directions)


def _shares(harmony: np.ndarray) -> np.ndarray:
    """Return how much of the variance ``(R, steps, width)`` each level adds to the one above it."""
    explained = []
    for steps in _BLOCKS_STEPS:
        means = harmony.reshape(len(harmony), -1, steps, harmony.shape[-1]).mean(2)
        explained.append(means.reshape(-1, harmony.shape[-1]).var(0).sum())
    shares = np.maximum(np.diff([0, *explained]), 0)
    total = shares.sum()
    return (shares / total if total > 0 else np.full(LEVELS, 1 / LEVELS)).astype(np.float32)
