"""The generator's prior, measured on the training rolls."""

import numpy as np
from scipy.special import ndtri

from musicgen.models.roll_prior import LEVELS, RollPrior
from musicgen.music.family import Family
from musicgen.representation.pianoroll import PITCHES, STEPS, STEPS_PER_BAR
from musicgen.training.roll_batches import Rolls

MOST_ROLLS = 600
RAREST = 1e-3
"""A voice or family that is rarer still counts as so rare: it may yet be learned."""

_BLOCKS_STEPS = (STEPS, STEPS_PER_BAR, STEPS_PER_BAR // 4, STEPS_PER_BAR // 8, 1)


def measure_prior(rolls: Rolls, ensembles: int, voices: int, seed: int) -> RollPrior:
    """Measure a prior on a sample of rolls, each in a random key of those it can take.

    Args:
        rolls: the training rolls.
        ensembles: number of ensembles.
        voices: number of voices.
        seed: of the sample and its keys.
    """
    random = np.random.default_rng(seed)
    rows = np.sort(random.permutation(len(rolls))[:MOST_ROLLS])
    lowest, highest = rolls.shift_ranges()
    shifts = random.integers(lowest[rows], highest[rows] + 1)
    cells = rolls.dense(rows)
    cells = np.stack([np.roll(x, shift, 1) for x, shift in zip(cells, shifts, strict=True)])
    pitch, family = ranked_voices(cells.any(-1), voices)
    # One row for each ensemble; all music together for those who name none, or a rare one.
    of_ensemble = [rolls.ensemble[rows] == ensemble for ensemble in range(ensembles)]
    of_ensemble = [which if which.any() else np.ones_like(which) for which in of_ensemble]
    heading = _heading(pitch)
    register, spread = _moments([heading[which] for which in of_ensemble])
    present = np.stack([(pitch[which] >= 0).mean((0, 1)) for which in of_ensemble])
    row_of = rolls.ensemble[rows]
    motion = (heading - register[row_of][:, None]) / spread[row_of][:, None]
    return RollPrior(
        chords=_chords(cells.any((-1, -2))),
        register=register,
        spread=spread,
        presence=ndtri(np.clip(present, RAREST, 1 - RAREST)),
        families=np.stack([_families(family[which]) for which in of_ensemble]),
        restrike=_restrike(cells),
        motion_shares=_shares(_levels(motion.filled(0))),
    )


def ranked_voices(sounding: np.ndarray, voices: int) -> tuple[np.ndarray, np.ndarray]:
    """Return pitch (row of the roll) and family of the k-th highest notes ``(R, steps, voices)``.

    Args:
        sounding: ``(R, steps, PITCHES, F)``. -1 stands where fewer notes sound.
    """
    pitch = np.full((*sounding.shape[:2], voices), -1)
    family = pitch.copy()
    roll, step, below_top, of = np.nonzero(sounding[:, :, ::-1])
    frame = roll * STEPS + step
    first = np.searchsorted(frame, frame)
    rank = np.arange(len(frame)) - first
    kept = rank < voices
    place = roll[kept], step[kept], rank[kept]
    pitch[place], family[place] = PITCHES - 1 - below_top[kept], of[kept]
    return pitch, family


def _heading(pitch: np.ndarray) -> np.ma.MaskedArray:
    """Return the first voice's octaves, and the logarithm of the way down to each of the others."""
    octaves = np.ma.masked_less(pitch, 0) / 12
    way_down = np.ma.log(np.maximum(octaves[..., :-1] - octaves[..., 1:], 1 / 24))
    return np.ma.concatenate([octaves[..., :1], way_down], -1)


def _moments(headings: list[np.ma.MaskedArray]) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and deviation by ensemble and voice; for a voice that never sounds, a guess."""
    unheard = np.append(5.0, np.full(headings[0].shape[-1] - 1, np.log(5 / 12)))
    means, deviations = [], []
    for heading in headings:
        mean = heading.mean((0, 1))
        means.append(np.where(np.ma.getmaskarray(mean), unheard, mean.filled(0)))
        deviations.append(np.maximum(heading.std((0, 1)).filled(0.5), 0.1))
    return np.stack(means), np.stack(deviations)


def _families(family: np.ndarray) -> np.ndarray:
    """Return the logarithms of the families' shares in each voice ``(voices, F)``."""
    counts = np.stack([(family == each).sum((0, 1)) for each in Family], -1)
    shares = (counts + counts.sum(0) * RAREST) / np.maximum(counts.sum(-1, keepdims=True), 1)
    return np.log(np.maximum(shares, RAREST))


def _restrike(cells: np.ndarray) -> float:
    """Return how often notes that sound on are struck again, as a normal quantile."""
    sounding = cells.any(-1)
    goes_on = sounding[:, 1:] & sounding[:, :-1]
    struck = (cells[:, 1:, ..., 0] & goes_on).sum()
    return float(ndtri(np.clip(struck / max(goes_on.sum(), 1), RAREST, 0.5)))


def _chords(sounding: np.ndarray) -> np.ndarray:
    """Return ``RollPrior.chords``, the levels' principal components; ``(R, steps, PITCHES)``."""
    steps = (sounding - sounding.mean((0, 1))).astype(np.float32)
    steps /= steps.std((0, 1)) + 1e-3
    levels = _levels(steps)
    shares = _shares(levels)
    chords = []
    for level, share in zip(levels, shares, strict=True):
        covariance = level.T @ level / len(level)
        variances, directions = np.linalg.eigh(covariance)
        scale = share * PITCHES / max(variances.sum(), 1e-9)
        chords.append((directions * np.sqrt(np.maximum(variances * scale, 0))).T[::-1])
    chords = np.stack(chords)
    return chords / (np.sqrt(np.square(chords).sum((0, 1))) + 1e-3)


def _levels(values: np.ndarray) -> list[np.ndarray]:
    """Return by level its means' distance from those of the level above ``(blocks, width)``."""
    above, levels = np.zeros_like(values[:, :1]), []
    for steps in _BLOCKS_STEPS:
        means = values.reshape(len(values), -1, steps, values.shape[-1]).mean(2)
        levels.append(means - np.repeat(above, means.shape[1] // above.shape[1], 1))
        above = means
    return [level.reshape(-1, level.shape[-1]) for level in levels]


def _shares(levels: list[np.ndarray]) -> np.ndarray:
    """Return the shares of the variance that levels of normals have ``(LEVELS,)``; they sum to 1.

    What comes of a normal by a decision keeps less of its correlation in time; the sine undoes
    that (Sheppard 1899: normals of correlation r agree in sign as far as 2 / π arcsin r).
    """
    variances = np.cumsum([0, *(np.square(level).mean() for level in levels)])
    if not variances[-1]:
        return np.full(LEVELS, 1 / LEVELS)
    return np.maximum(np.diff(np.sin(np.pi / 2 * variances / variances[-1])), 1e-4)
