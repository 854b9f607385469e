import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from musicgen.music.grid import GRID_NOTE, bar_starts, canonical, quantize
from musicgen.music.score import NOTE, Metre, Score


def test_rounds_to_steps_and_keeps_short_notes():
    notes = np.array([(0.0, 0.1, 60, 80, 0), (0.26, 1.0, 64, 80, 40)], NOTE)
    assert quantize(Score(notes)).notes.tolist() == [(0, 1, 60, 0), (1, 4, 64, 1)]


def test_a_trill_in_32nds_keeps_both_of_its_notes():
    onsets = np.arange(16) / 8
    notes = np.array(
        [(at, 1 / 8, 60 + number % 2, 80, 0) for number, at in enumerate(onsets)], NOTE
    )
    found = quantize(Score(notes)).notes
    assert found["onset_steps"][found["pitch"] == 60].tolist() == list(range(8))
    assert found["onset_steps"][found["pitch"] == 61].tolist() == list(range(1, 9))


@given(
    st.lists(st.tuples(st.integers(0, 64), st.integers(1, 16), st.integers(60, 63)), min_size=1),
    st.integers(1, 15),
)
def test_music_that_comes_some_steps_later_is_the_same_music(rows, later):
    """Onsets and lengths in 64ths, so that many lie halfway between two steps."""
    notes = np.array([(at / 16, length / 16, pitch, 80, 0) for at, length, pitch in rows], NOTE)
    moved = notes.copy()
    moved["onset_beats"] += later / 4
    anchor = np.array([(0.0, 0.25, 30, 80, 0)], NOTE)
    here, there = (
        quantize(Score(np.concatenate([anchor, each]))).notes[1:] for each in (notes, moved)
    )
    assert (there["onset_steps"] - here["onset_steps"] == later).all()
    assert there[["pitch", "duration_steps"]].tolist() == here[["pitch", "duration_steps"]].tolist()


def test_empty_bars_before_the_music_are_left_out():
    grid = quantize(Score(np.array([(9.0, 1.0, 60, 80, 0)], NOTE)))
    assert grid.notes.tolist() == [(4, 4, 60, 0)]
    assert grid.length_steps == 8


def test_positions_follow_the_metre():
    pickup = Score(np.array([(0.0, 4.0, 60, 80, 0)], NOTE), (Metre(0.0, 1, 4), Metre(1.0, 3, 4)))
    assert quantize(pickup).positions().tolist() == [0, 1, 2, 3, *range(12)]


def test_metres_are_counted_from_the_first_bar_that_is_kept():
    written = (Metre(0.0, 2, 4), Metre(4.0, 3, 4), Metre(10.0, 6, 8), Metre(40.0, 2, 2))
    grid = quantize(Score(np.array([(7.5, 4.0, 60, 80, 0)], NOTE), written))
    assert grid.metres == (Metre(0.0, 3, 4), Metre(3.0, 6, 8))


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 7), st.sampled_from([2, 4, 8, 16]))),
    st.integers(0, 80),
)
def test_bars_are_those_of_the_metres(changes, onset):
    metres = tuple(Metre(beats / 2, *signature) for beats, *signature in sorted(changes))
    grid = quantize(Score(np.array([(onset / 4, 9.0, 60, 80, 0)], NOTE), metres))
    bars = bar_starts(grid.metres, grid.length_steps, grid.steps_per_quarter)
    assert bars.tolist() == grid.bar_starts_steps.tolist()


def test_canonical_ends_a_note_where_the_next_begins():
    notes = np.array([(0, 8, 60, 0), (4, 2, 60, 0), (4, 1, 60, 0), (0, 8, 60, 1)], GRID_NOTE)
    assert canonical(notes).tolist() == [(0, 4, 60, 0), (0, 8, 60, 1), (4, 2, 60, 0)]


def test_empty_score():
    assert quantize(Score(np.zeros(0, NOTE))).length_steps == 0


def test_window_shortens_what_crosses_its_edges():
    grid = quantize(Score(np.array([(0.0, 8.0, 60, 80, 0), (2.0, 1.0, 64, 80, 0)], NOTE)))
    assert grid.window(4, 8).notes.tolist() == [(0, 8, 60, 0), (4, 4, 64, 0)]
