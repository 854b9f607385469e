"""How fast music moves: what the levels of time have of its motion, in the mean and by piece."""

import numpy as np

from musicgen.models.roll_prior import LEVELS, PACES
from musicgen.representation.pianoroll import STEPS, STEPS_PER_BAR, STEPS_PER_BEAT

_BLOCKS_STEPS = (STEPS, STEPS_PER_BAR, STEPS_PER_BEAT, STEPS_PER_BEAT // 2, 1)


def levels(values: np.ndarray) -> list[np.ndarray]:
    """Return by level its means' distance from those of the level above ``(R, blocks, width)``.

    Args:
        values: ``(R, steps, width)``.
    """
    above, found = np.zeros_like(values[:, :1]), []
    for steps in _BLOCKS_STEPS:
        means = values.reshape(len(values), -1, steps, values.shape[-1]).mean(2)
        found.append(means - np.repeat(above, means.shape[1] // above.shape[1], 1))
        above = means
    return found


def level_shares(of_levels: list[np.ndarray]) -> np.ndarray:
    """Return what each of ``levels`` adds to the variance of all values ``(LEVELS,)``.

    What comes of a normal by a decision keeps less of its correlation in time; the sine undoes
    that (Sheppard 1899: normals of correlation r agree in sign as far as 2 / π arcsin r).
    """
    variances = np.cumsum([0, *(np.square(level).mean() for level in of_levels)])
    if not variances[-1]:
        return np.full(LEVELS, 1 / LEVELS)
    return np.maximum(np.diff(np.sin(np.pi / 2 * variances / variances[-1])), 1e-4)


def level_variety(moving: dict[str, list[np.ndarray]]) -> dict[str, np.ndarray]:
    """Return ``RollPrior.variety`` of an ensemble: principal components of its rolls' paces.

    Args:
        moving: by name, ``levels`` of what moves.
    """
    logs = np.stack([_logarithms(of_levels) for of_levels in moving.values()], 1)
    apart = (logs - logs.mean(0)).reshape(len(logs), -1)
    _, sizes, directions = np.linalg.svd(apart / np.sqrt(len(apart)), full_matrices=False)
    rows = np.zeros((PACES, len(moving), LEVELS))
    main = (sizes[:, None] * directions)[:PACES]
    rows[: len(main)] = main.reshape(-1, len(moving), LEVELS)
    return {name: rows[:, index] for index, name in enumerate(moving)}


def _logarithms(of_levels: list[np.ndarray]) -> np.ndarray:
    """Return the logarithms of how much each roll moves on each level ``(R, LEVELS)``."""
    moves = np.stack([np.square(level).mean((1, 2)) for level in of_levels], 1)
    # How far a roll's mean lies from that of all says nothing of how the roll moves.
    return np.log(moves + 0.1 * moves.mean(0) + 1e-9) * (np.arange(LEVELS) > 0)
