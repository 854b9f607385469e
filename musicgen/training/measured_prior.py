"""The generator's prior, measured on the training rolls."""

import numpy as np
from scipy.special import ndtri

from musicgen.models.roll_prior import MOTIONS, ORCHESTRATIONS, RollPrior
from musicgen.music.family import Family
from musicgen.representation.pianoroll import PITCHES, STEPS
from musicgen.training.measured_pace import level_shares, level_variety, levels
from musicgen.training.rolls import Rolls

MOST_ROLLS = 300
"""So many rolls of all music are looked at, and of each ensemble."""

RAREST = 1e-3
"""A voice or family that is rarer still counts as so rare: it may yet be learned."""


def measure_prior(rolls: Rolls, ensembles: int, voices: int, seed: int) -> RollPrior:
    """Measure a prior on samples of rolls, each in a random key of those it can take.

    Args:
        rolls: the training rolls.
        ensembles: number of ensembles; one without rolls counts as all music.
        voices: number of voices.
        seed: of the samples and their keys.
    """
    random = np.random.default_rng(seed)
    habits = [_habits(_sample(rolls, ensemble, random), voices) for ensemble in range(ensembles)]
    rows = {name: np.stack([each[name] for each in habits]) for name in habits[0]}
    shares, variety = (
        {name: rows.pop(f"{name}_{what}") for name in ("harmony", *MOTIONS)}
        for what in ("shares", "variety")
    )
    chords = _chords(_pitches(_sample(rolls, 0, random)), shares["harmony"][0])
    return RollPrior(chords=chords, shares=shares, variety=variety, **rows)


def _sample(rolls: Rolls, ensemble: int, random: np.random.Generator) -> np.ndarray:
    """Return some rolls of an ensemble in random keys ``(R, *SHAPE)``."""
    rows = rolls.some(ensemble, MOST_ROLLS, random)
    lowest, highest = rolls.shift_ranges()
    shifts = random.integers(lowest[rows], highest[rows] + 1)
    cells = rolls.dense(rows)
    return np.stack([np.roll(x, shift, 1) for x, shift in zip(cells, shifts, strict=True)])


def _habits(cells: np.ndarray, voices: int) -> dict[str, np.ndarray]:
    """Return the rows of ``RollPrior`` of the ensemble that plays some rolls."""
    pitch, family = ranked_voices(cells.any(-1), voices)
    heading, sounds = _heading(pitch), pitch >= 0
    struck, sounding_on = _restrikes(cells)
    register, spread = _moments(heading)
    moving = {
        "harmony": levels(_pitches(cells)),
        "heading": levels(((heading - register) / spread).filled(0)),
        "presence": levels(_standard(sounds)),
        "restrike": levels(_standard(struck / np.ma.masked_equal(sounding_on, 0))),
    }
    return {
        **{f"{name}_shares": level_shares(of_levels) for name, of_levels in moving.items()},
        **{f"{name}_variety": rows for name, rows in level_variety(moving).items()},
        "register": register,
        "spread": spread,
        "presence": _quantile(sounds.mean((0, 1))),
        "families": _orchestrations(family),
        "restrike": np.full(voices, _quantile(struck.sum() / max(sounding_on.sum(), 1))),
    }


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


def _moments(heading: np.ma.MaskedArray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and deviation by voice ``(V,)``; for a voice that never sounds, a guess."""
    unheard = np.append(5.0, np.full(heading.shape[-1] - 1, np.log(5 / 12)))
    mean, deviation = heading.mean((0, 1)), heading.std((0, 1)).filled(0.5)
    never = np.ma.getmaskarray(mean)
    return np.where(never, unheard, mean.filled(0)), np.maximum(deviation, 0.1)


def _orchestrations(family: np.ndarray) -> np.ndarray:
    """Return the logarithms of the families' shares in some pieces' voices ``(O, voices, F)``."""
    pieces = family[np.arange(ORCHESTRATIONS) * len(family) // ORCHESTRATIONS]
    counts = np.stack([(pieces == each).sum(1) for each in Family], -1)
    # Who never plays a voice may yet, where there is such a voice, as far as it plays others.
    shares = counts / np.maximum(counts.sum(-1, keepdims=True), 1)
    shares += RAREST * counts.sum(1, keepdims=True) / STEPS
    return np.log(np.maximum(shares, RAREST**2))


def _restrikes(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how many notes that sound on are struck again, and of how many ``(R, steps, 1)``."""
    sounding = cells.any(-1)
    goes_on = sounding & np.pad(sounding[:, :-1], [(0, 0), (1, 0), (0, 0), (0, 0)])
    struck = goes_on & cells[..., 0]
    return struck.sum((2, 3))[..., None], goes_on.sum((2, 3))[..., None]


def _quantile(often: np.ndarray) -> np.ndarray:
    """Return how often something happens as a normal quantile."""
    return ndtri(np.clip(often, RAREST, 1 - RAREST))


def _pitches(cells: np.ndarray) -> np.ndarray:
    """Return how much more than usual each pitch sounds at each step ``(R, steps, PITCHES)``."""
    return _standard(cells.any((-1, -2)))


def _standard(values: np.ndarray) -> np.ndarray:
    """Return values ``(R, steps, width)`` with mean 0 and variance 1; 0 for those that are not."""
    away = (values - values.mean((0, 1))) / (values.std((0, 1)) + 1e-3)
    return np.ma.filled(away, 0).astype(np.float32)


def _chords(steps: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return ``RollPrior.chords``, the levels' principal components.

    Args:
        steps: as ``_pitches`` returns it.
        shares: of the levels, by which each pitch has a variance of 1 in all ``(LEVELS,)``.
    """
    chords = []
    for level in levels(steps):
        level = level.reshape(-1, PITCHES)
        variances, directions = np.linalg.eigh(level.T @ level / len(level))
        scale = PITCHES / max(variances.sum(), 1e-9)
        chords.append((directions * np.sqrt(np.maximum(variances * scale, 0))).T[::-1])
    chords = np.stack(chords)
    variances = np.einsum("lcp,l->p", np.square(chords), shares)
    return chords / (np.sqrt(variances) + 1e-3)
