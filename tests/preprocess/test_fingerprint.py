from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from strategies import grid_scores

from musicgen.music.grid import GRID_NOTE, GridScore
from musicgen.preprocess.fingerprint import fingerprint


def test_literal_fingerprint():
    """It names scores across versions and machines, so it must never change unnoticed."""
    score = GridScore(np.array([(0, 4, 60, 0), (4, 2, 67, 1)], GRID_NOTE), 6)
    assert fingerprint(score) == "442f4fcbd675487f52941932eb3da300"


@given(grid_scores(), st.integers(1, 9))
def test_rests_tempo_and_metre_do_not_count(score, steps):
    later = score.notes.copy()
    later["onset_steps"] += steps
    other = GridScore(later, score.length_steps + 99, np.array([0, 3]), tempo_qpm=77.0)
    assert fingerprint(other) == fingerprint(score)


@given(grid_scores(high_pitch=100))
def test_transposition_counts(score):
    higher = score.notes.copy()
    higher["pitch"] += 1
    if len(higher):
        assert fingerprint(replace(score, notes=higher)) != fingerprint(score)
