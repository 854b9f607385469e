import numpy as np

from musicgen.music.grid import GRID_NOTE, canonical, quantize
from musicgen.music.score import NOTE, Metre, Score


def test_rounds_to_steps_and_keeps_short_notes():
    notes = np.array([(0.0, 0.1, 60, 80, 0), (0.26, 1.0, 64, 80, 40)], NOTE)
    assert quantize(Score(notes)).notes.tolist() == [(0, 1, 60, 0), (1, 4, 64, 1)]


def test_empty_bars_before_the_music_are_left_out():
    grid = quantize(Score(np.array([(9.0, 1.0, 60, 80, 0)], NOTE)))
    assert grid.notes.tolist() == [(4, 4, 60, 0)]
    assert grid.length_steps == 8


def test_positions_follow_the_metre():
    pickup = Score(np.array([(0.0, 4.0, 60, 80, 0)], NOTE), (Metre(0.0, 1, 4), Metre(1.0, 3, 4)))
    assert quantize(pickup).positions().tolist() == [0, 1, 2, 3, *range(12)]


def test_canonical_ends_a_note_where_the_next_begins():
    notes = np.array([(0, 8, 60, 0), (4, 2, 60, 0), (4, 1, 60, 0), (0, 8, 60, 1)], GRID_NOTE)
    assert canonical(notes).tolist() == [(0, 4, 60, 0), (0, 8, 60, 1), (4, 2, 60, 0)]


def test_empty_score():
    assert quantize(Score(np.zeros(0, NOTE))).length_steps == 0


def test_window_shortens_what_crosses_its_edges():
    grid = quantize(Score(np.array([(0.0, 8.0, 60, 80, 0), (2.0, 1.0, 64, 80, 0)], NOTE)))
    assert grid.window(4, 8).notes.tolist() == [(0, 8, 60, 0), (4, 4, 64, 0)]
