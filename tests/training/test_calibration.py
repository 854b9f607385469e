import keras
import numpy as np
import pytest
from training.written_rolls import rolls_of

from musicgen.models.generator import GeneratorShape, build_generator
from musicgen.models.roll_prior import RollPrior
from musicgen.models.rolls import binary_roll
from musicgen.music.family import Family
from musicgen.representation.pianoroll import SHAPE
from musicgen.training.calibration import calibrate, used_pitch_classes

pytestmark = pytest.mark.slow

SOLO, TRIO, UNHEARD = 1, 2, 3


@pytest.fixture(scope="module")
def generator():
    """One that knows no music, set right by a tune and by chords; and its presence before."""
    tune = [(4 * beat, 4, 60 + beat % 5, Family.STRINGS) for beat in range(12)]
    chords = [(16 * bar, 16, pitch, Family.VOICES) for bar in range(4) for pitch in (48, 64, 79)]
    rolls = rolls_of([tune] * 6 + [chords] * 6, [SOLO] * 6 + [TRIO] * 6)
    keras.utils.set_random_seed(0)
    shape = GeneratorShape(composers=1, ensembles=4, latent_dim=16, width=12, voices=4)
    made = build_generator(shape, RollPrior.uninformed(4, 4), "generator")
    before = tables(made)
    calibrate(made, rolls, seed=0)
    return made, before


def tables(generator):
    """Return presence and pace of the ensembles."""
    pace = generator.get_layer("heading_pace").of_ensemble
    return [generator.get_layer("voices").tables["presence_of_ensemble"].numpy(), pace.numpy()]


def played(generator, ensemble):
    """Return where notes sound in rolls that are asked for."""
    latent = np.random.default_rng(1).normal(size=(48, 16)).astype(np.float32)
    labels = {"composer": np.zeros(48, np.int32), "ensemble": np.full(48, ensemble, np.int32)}
    return binary_roll(**generator({"latent": latent, **labels})).numpy().any(-1)


def test_each_ensemble_plays_as_thickly_as_its_music(generator):
    solo, trio = (played(generator[0], ensemble).sum((2, 3)) for ensemble in (SOLO, TRIO))
    assert solo.mean() == pytest.approx(0.75, abs=0.15)  # its last bar is silent
    assert (solo > 1).mean() < 0.05
    assert trio.mean() == pytest.approx(3, abs=0.4)


def test_each_ensemble_moves_as_much_as_its_music(generator):
    solo, trio, unheard = (
        used_pitch_classes(played(generator[0], ensemble)) for ensemble in (SOLO, TRIO, UNHEARD)
    )
    assert solo == pytest.approx(4, abs=0.5)
    assert 3 < trio < unheard - 1  # from random chords it is too far to the one that they play


def test_used_pitch_classes():
    roll = np.zeros((1, *SHAPE[:3]), bool)
    assert used_pitch_classes(roll) == 0
    roll[0, [0, 1, 15], [24, 36, 31], 0] = True  # two Cs and a G in the first bar
    roll[0, 16, 40, 1] = True
    assert used_pitch_classes(roll) == 1.5


def test_an_ensemble_without_music_stays_as_it_was(generator):
    made, before = generator
    for old, new in zip(before, tables(made), strict=True):
        np.testing.assert_array_equal(new[UNHEARD], old[UNHEARD])
