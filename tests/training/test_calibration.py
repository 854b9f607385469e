from dataclasses import replace

import keras
import numpy as np
import pytest
from training.written_rolls import rolls_of

from musicgen.models.generator import GeneratorShape, build_generator
from musicgen.models.roll_prior import RollPrior
from musicgen.models.rolls import binary_roll
from musicgen.music.family import Family
from musicgen.training.calibration import calibrate
from musicgen.training.roll_measures import tonal_distance, used_pitch_classes

pytestmark = pytest.mark.slow

SOLO, TRIO, UNHEARD, DUO = 1, 2, 3, 4


@pytest.fixture(scope="module")
def generator():
    """One that knows no music, set right by a tune and by chords; and its presence before."""
    tune = [(4 * beat, 4, 60 + beat % 5, Family.STRINGS) for beat in range(12)]
    chords = [(16 * bar, 16, pitch, Family.VOICES) for bar in range(4) for pitch in (48, 64, 79)]
    duo = tune + [(start, length, pitch + 12, Family.WINDS) for start, length, pitch, _ in tune]
    scores = [tune] * 6 + [chords] * 6 + [duo] * 6
    rolls = rolls_of(scores, [SOLO] * 6 + [TRIO] * 6 + [DUO] * 6)
    keras.utils.set_random_seed(0)
    shape = GeneratorShape(composers=1, ensembles=5, latent_dim=16, width=12, voices=4)
    prior = RollPrior.uninformed(5, 4)
    prior = replace(prior, chords=np.tile(prior.chords[:, :, :12], 7))  # octaves alike
    made = build_generator(shape, prior, "generator")
    before = presence(made)
    calibrate(made, rolls, seed=0)
    return made, before


def presence(generator):
    """Return how often voices of the ensembles sound."""
    return generator.get_layer("voices").tables["presence_of_ensemble"].numpy()


def played(generator, ensemble):
    """Return rolls that are asked for."""
    latent = np.random.default_rng(1).normal(size=(48, 16)).astype(np.float32)
    labels = {"composer": np.zeros(48, np.int32), "ensemble": np.full(48, ensemble, np.int32)}
    return binary_roll(**generator({"latent": latent, **labels})).numpy() > 0.5


def test_each_ensemble_plays_as_thickly_as_its_music(generator):
    solo, trio = (played(generator[0], ensemble).any(-1).sum((2, 3)) for ensemble in (SOLO, TRIO))
    assert solo.mean() == pytest.approx(0.75, abs=0.15)  # its last bar is silent
    assert (solo > 1).mean() < 0.05
    assert trio.mean() == pytest.approx(3, abs=0.4)


def test_each_ensemble_moves_as_much_as_its_music(generator):
    solo, trio, unheard = (
        used_pitch_classes(played(generator[0], ensemble)) for ensemble in (SOLO, TRIO, UNHEARD)
    )
    assert solo == pytest.approx(4, abs=0.5)
    assert 3 < trio < unheard - 1  # from random chords it is too far to the one that they play


def test_families_agree_more_where_the_music_does(generator):
    made, _ = generator
    table = made.get_layer("voices").pull_of_ensemble
    pull, apart = table.numpy(), tonal_distance(played(made, DUO))
    assert not pull[[SOLO, TRIO, UNHEARD]].any()
    table.assign(0 * pull)
    assert apart < 0.95 * tonal_distance(played(made, DUO))
    table.assign(pull)


def test_an_ensemble_without_music_sounds_as_often_as_it_did(generator):
    made, before = generator
    np.testing.assert_array_equal(presence(made)[UNHEARD], before[UNHEARD])
