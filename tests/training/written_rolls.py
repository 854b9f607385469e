"""Rolls of music that a test writes down."""

import numpy as np

from musicgen.music.family import Family
from musicgen.music.grid import GRID_NOTE, GridScore
from musicgen.representation.pianoroll import active_cells, to_roll
from musicgen.training.rolls import Rolls

SLOW = [(16 * bar, 16, 60 + bar, Family.KEYBOARD) for bar in range(4)]
QUICK = [(step, 1, 60 + step % 7, Family.KEYBOARD) for step in range(64)]


def rolls_of(scores, ensembles):
    """Rolls that reach from the lowest pitch to the highest, so that none is transposed."""
    cells = [active_cells(to_roll(GridScore(np.array(sorted(n), GRID_NOTE), 64))) for n in scores]
    bounds = np.concatenate([[0], np.cumsum([len(c) for c in cells])])
    ensembles = np.array(ensembles, np.int32)
    return Rolls(np.concatenate(cells), bounds, ensembles * 0, ensembles, ensembles * 1.0)
