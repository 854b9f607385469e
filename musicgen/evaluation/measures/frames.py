"""Views of an excerpt that measures share: which pitches sound when, which begin when."""

import numpy as np

from musicgen.music.grid import GridScore

STEPS_PER_BEAT = 4
STEPS_PER_BAR = 16
BARS = 4
STEPS = BARS * STEPS_PER_BAR
PITCHES = 128


def sounding(score: GridScore, family: int | None = None) -> np.ndarray:
    """Return which pitches sound in which step, ``bool`` of shape ``(STEPS, PITCHES)``.

    Args:
        score: an excerpt; what lies beyond ``STEPS`` is left out.
        family: count this family only; None counts all.
    """
    notes = score.notes if family is None else score.notes[score.notes["family"] == family]
    changes = np.zeros((STEPS + 1, PITCHES), np.int32)
    ends = np.minimum(notes["onset_steps"] + notes["duration_steps"], STEPS)
    starts = np.minimum(notes["onset_steps"], STEPS)
    np.add.at(changes, (starts, notes["pitch"]), 1)
    np.add.at(changes, (ends, notes["pitch"]), -1)
    return np.cumsum(changes[:-1], axis=0) > 0


def onsets(score: GridScore) -> np.ndarray:
    """Return which pitches begin in which step, ``bool`` of shape ``(STEPS, PITCHES)``."""
    begun = np.zeros((STEPS, PITCHES), bool)
    notes = score.notes[score.notes["onset_steps"] < STEPS]
    begun[notes["onset_steps"], notes["pitch"]] = True
    return begun


def onset_steps(score: GridScore) -> np.ndarray:
    """Return the ascending steps in which a note begins."""
    steps = np.unique(score.notes["onset_steps"])
    return steps[steps < STEPS]


def chroma(roll: np.ndarray) -> np.ndarray:
    """Count pitches by pitch class (C = 0) along the last axis: ``(…, 128)`` to ``(…, 12)``."""
    padded = np.zeros((*roll.shape[:-1], 132), np.float64)
    padded[..., :PITCHES] = roll
    return padded.reshape(*roll.shape[:-1], 11, 12).sum(-2)


def normalised(counts: np.ndarray) -> np.ndarray:
    """Divide by the sum; what sums to nothing stays zero."""
    total = counts.sum()
    return counts / total if total else counts.astype(np.float64)


def joint(first: np.ndarray, second: np.ndarray, size: int) -> np.ndarray:
    """Return how often each pair of classes occurs, as shares, shape ``(size, size)``."""
    counts = np.bincount(first * size + second, minlength=size * size)
    return normalised(counts).reshape(size, size)
