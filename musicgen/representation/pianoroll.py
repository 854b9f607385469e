"""Grid scores as binary piano rolls of four bars, and back."""

import numpy as np

from musicgen.music.family import Family
from musicgen.music.grid import GRID_NOTE, GridScore

BARS = 4
STEPS_PER_BAR = 16
STEPS_PER_BEAT = 4
STEPS = BARS * STEPS_PER_BAR
LOW_PITCH = 24
PITCHES = 84
SHAPE = (STEPS, PITCHES, len(Family), 2)
"""Steps, pitches from C1 (24) to B7 (107), families, then two layers: onset and hold.

A note sets the onset layer in its first step and the hold layer in the steps after it, so that a
repeated note is not a long one.
"""


def to_roll(score: GridScore) -> np.ndarray:
    """Return the first four bars as ``bool`` of shape ``SHAPE``; pitches outside are left out."""
    roll = np.zeros(SHAPE, bool)
    for onset, duration, pitch, family in score.notes.tolist():
        row = pitch - LOW_PITCH
        if 0 <= row < PITCHES and onset < STEPS:
            roll[onset, row, family, 0] = True
            roll[onset + 1 : onset + duration, row, family, 1] = True
    return roll


def from_roll(roll: np.ndarray, tempo_qpm: float = 120.0) -> GridScore:
    """Return the score of a ``bool`` roll ``(steps, pitches, families, 2)`` of any length.

    A hold without a note before it begins one; where a cell is both, the onset counts.
    """
    onsets, holds = roll[..., 0], roll[..., 1] & ~roll[..., 0]
    sounding = onsets | holds
    before = np.zeros_like(sounding)
    before[1:] = sounding[:-1]
    starts = onsets | (holds & ~before)
    following = np.zeros_like(sounding)
    following[:-1] = holds[1:]
    # Along each (pitch, family) line, starts and ends alternate, so sorting both pairs them.
    line_order = (1, 2, 0)
    begin = np.argwhere(starts.transpose(line_order))
    end = np.argwhere((sounding & ~following).transpose(line_order))
    notes = np.empty(len(begin), GRID_NOTE)
    notes["onset_steps"] = begin[:, 2]
    notes["duration_steps"] = end[:, 2] - begin[:, 2] + 1
    notes["pitch"] = begin[:, 0] + LOW_PITCH
    notes["family"] = begin[:, 1]
    notes = np.sort(notes, order=["onset_steps", "pitch", "family"])
    return GridScore(notes, len(roll), tempo_qpm=tempo_qpm)


def active_cells(roll: np.ndarray) -> np.ndarray:
    """Return the flat indices of the set cells, ascending, ``int32``: how rolls are stored."""
    return np.flatnonzero(roll).astype(np.int32)


def from_active_cells(cells: np.ndarray) -> np.ndarray:
    """Return the ``bool`` roll of shape ``SHAPE`` with these flat indices set."""
    roll = np.zeros(SHAPE, bool)
    roll.reshape(-1)[cells] = True
    return roll
