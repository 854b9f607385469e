import numpy as np
import pytest
from training.written_rolls import QUICK, SLOW, rolls_of

from musicgen.evaluation.measures import harmony
from musicgen.music.family import Family
from musicgen.music.grid import GRID_NOTE, GridScore
from musicgen.representation.pianoroll import SHAPE, to_roll
from musicgen.training.roll_measures import (
    attack_spread,
    attack_steps,
    tonal_distance,
    used_pitch_classes,
)


def dense(*scores):
    return rolls_of(scores, [0] * len(scores)).dense(np.arange(len(scores)))


def test_attack_steps():
    chord = [(0, 8, 60, Family.KEYBOARD), (0, 8, 64, Family.STRINGS), (8, 4, 64, Family.STRINGS)]
    assert attack_steps(dense(SLOW, QUICK, chord)).tolist() == [4, 64, 2]


def test_attack_spread_is_within_ensembles():
    rolls = dense(SLOW, QUICK, SLOW, QUICK)
    assert attack_spread(rolls, np.array([1, 2, 1, 2])) == 0
    apart = np.log(65 / 5) / 2
    assert attack_spread(rolls, np.array([1, 1, 2, 2])) == pytest.approx(apart)


def test_tonal_distance_is_the_measures():
    random = np.random.default_rng(0)
    cells = {tuple(each) for each in random.integers(0, [15, 20, len(Family)], (40, 3)).tolist()}
    notes = sorted((4 * beat, 4, 60 + pitch, family) for beat, pitch, family in cells)
    score = GridScore(np.array(notes, GRID_NOTE), 64)
    expected = harmony.tonal_distance(score)
    assert expected > 0.3
    assert tonal_distance(to_roll(score)[None]) == pytest.approx(expected)


def test_tonal_distance_of_one_family_and_of_silence():
    assert tonal_distance(dense(QUICK)) is None
    assert tonal_distance(np.zeros((1, *SHAPE), bool)) is None


def test_used_pitch_classes():
    roll = np.zeros((1, *SHAPE), bool)
    assert used_pitch_classes(roll) == 0
    roll[0, [0, 1, 15], [24, 36, 31], 0, 1] = True  # two Cs and a G in the first bar
    roll[0, 16, 40, 1, 0] = True
    assert used_pitch_classes(roll) == 1.5
