"""Tiny scores, written out note by note."""

import numpy as np

from musicgen.music.grid import GRID_NOTE, GridScore, canonical

SILENCE = GridScore(np.zeros(0, GRID_NOTE), 64)


def excerpt(*notes: tuple) -> GridScore:
    """Four bars of (onset, duration, pitch) or (onset, duration, pitch, family)."""
    rows = [note if len(note) == 4 else (*note, 0) for note in notes]
    return GridScore(canonical(np.array(rows, GRID_NOTE)), 64)


def scale(start=60, steps=(0, 2, 4, 5, 7, 9, 11, 12)) -> GridScore:
    """A scale of half notes that fills the four bars."""
    return excerpt(*((8 * i, 8, start + step) for i, step in enumerate(steps)))
