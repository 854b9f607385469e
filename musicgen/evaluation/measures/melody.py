"""The top voice and how it moves."""

import numpy as np

from musicgen.evaluation.measures.frames import normalised
from musicgen.music.grid import GridScore

WIDEST_SEMITONES = 12


def skyline(score: GridScore) -> np.ndarray:
    """Return the highest note of each onset, in order: a melody as ears pick it out."""
    notes = score.notes  # sorted by onset, then pitch, so the last of an onset is the highest
    steps = notes["onset_steps"]
    return notes[np.r_[steps[1:] != steps[:-1], True][: len(notes)]]


def skyline_moves(score: GridScore) -> np.ndarray:
    """Return the intervals between successive skyline notes, in semitones, upwards positive."""
    return np.diff(skyline(score)["pitch"].astype(np.int32))


def skyline_intervals(score: GridScore) -> np.ndarray:
    """Return the share of each move from an octave down to an octave up, shape ``(25,)``.

    Wider moves count as octaves.
    """
    moves = np.clip(skyline_moves(score), -WIDEST_SEMITONES, WIDEST_SEMITONES)
    return normalised(np.bincount(moves + WIDEST_SEMITONES, minlength=2 * WIDEST_SEMITONES + 1))


def skyline_step_share(score: GridScore) -> float:
    """Return the share of the top voice's moves that are steps of one or two semitones, 0 to 1."""
    moves = np.abs(skyline_moves(score))
    return float(((moves == 1) | (moves == 2)).mean()) if len(moves) else 0.0


def mean_interval(score: GridScore) -> float:
    """Return the mean size of the top voice's moves, in semitones."""
    moves = np.abs(skyline_moves(score))
    return float(moves.mean()) if len(moves) else 0.0
