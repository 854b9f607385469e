import numpy as np
import pytest
from datasets import small_score

from musicgen.music.grid import GRID_NOTE, GridScore
from musicgen.preprocess.excerpts import excerpt_starts


def score(bars, length, pitch=60):
    """A note on every other step, in bars that start where given."""
    notes = np.array([(step, 1, pitch, 0) for step in range(0, length, 2)], GRID_NOTE)
    return GridScore(notes, length, np.array(bars, np.int32))


def test_common_time_every_two_bars():
    assert excerpt_starts(small_score(0, bars=8), hop_bars=2, min_notes=1) == [0, 32, 64]


def test_held_out_excerpts_do_not_overlap():
    assert excerpt_starts(small_score(0, bars=12), hop_bars=4, min_notes=1) == [0, 64, 128]


def test_no_bars_means_common_time():
    assert excerpt_starts(score([], 64), hop_bars=4, min_notes=1) == [0]


@pytest.mark.parametrize(
    ("bars", "length", "starts"),
    [
        (range(0, 64, 8), 64, [0]),  # 2/4
        (range(0, 96, 12), 96, []),  # 3/4
        ([0, 4, 20, 36, 52], 68, [4]),  # an upbeat of a quarter
        ([0, 16, 32, 40, 48], 64, []),  # 4/4 and 2/4 by turns
        ([0, 16, 32, 48], 60, [0]),  # the last bar is cut short
        ([0, 16, 32, 48], 90, []),  # the last bar is longer than the others
        ([0, 16, 32, 48, 72], 90, []),  # 6/4 comes last
        ([0, 16, 32], 48, []),  # three bars
    ],
)
def test_only_four_even_bars(bars, length, starts):
    assert excerpt_starts(score(bars, length), hop_bars=4, min_notes=1) == starts


def test_near_silence_is_left_out():
    quiet = score(range(0, 128, 16), 128)
    quiet.notes["onset_steps"][7:32] = 64
    assert excerpt_starts(quiet, hop_bars=4, min_notes=8) == [16]


def test_pitches_that_no_roll_holds_do_not_count():
    assert excerpt_starts(score([0, 16, 32, 48], 64, pitch=22), hop_bars=4, min_notes=1) == []
