import numpy as np
from hypothesis import given
from strategies import grid_scores

from musicgen.music.grid import GRID_NOTE, GridScore
from musicgen.representation import pianoroll


def test_repeated_note_is_not_a_long_one():
    repeated = GridScore(np.array([(0, 1, 60, 0), (1, 1, 60, 0)], GRID_NOTE), 64)
    held = GridScore(np.array([(0, 2, 60, 0)], GRID_NOTE), 64)
    assert pianoroll.to_roll(repeated)[1, 36, 0].tolist() == [True, False]
    assert pianoroll.to_roll(held)[1, 36, 0].tolist() == [False, True]


@given(grid_scores(low_pitch=24, high_pitch=107, max_steps=48))
def test_round_trip_is_lossless(score):
    roll = pianoroll.to_roll(score)
    assert pianoroll.from_roll(roll).notes.tolist() == score.notes.tolist()
    assert (pianoroll.from_active_cells(pianoroll.active_cells(roll)) == roll).all()
