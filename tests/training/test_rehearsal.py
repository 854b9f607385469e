import keras
import numpy as np
import pytest
from training.written_rolls import rolls_of

from musicgen.models.generator import GeneratorShape, build_generator
from musicgen.models.roll_prior import RollPrior
from musicgen.models.rolls import binary_roll
from musicgen.music.family import Family
from musicgen.training.rehearsal import PIECES, Rehearsal, tune


def tuned(comes_of, wanted, most=4.0):
    """Return where ``tune`` leaves what it turns, and how often it looked."""
    turned = []
    tune(turned.append, lambda: comes_of(turned[-1]), wanted, tried=1.0, most=most)
    return turned[-1], len(turned) - 1


@pytest.mark.parametrize("wanted", [-3.0, 2.0, 5.0])
def test_what_follows_a_line_comes_out_as_wanted(wanted):
    assert tuned(lambda at: 1 + 2 * at, wanted) == (pytest.approx((wanted - 1) / 2), 3)


def test_what_bends_comes_out_about_as_wanted():
    at, looks = tuned(lambda at: 8 / (1 + np.exp(-at)), 7.0)
    assert at == pytest.approx(np.log(7), abs=0.15)
    assert looks <= 4


def test_no_further_than_is_allowed():
    assert tuned(lambda at: 1 + at / 10, 2.0)[0] == 4.0
    assert tuned(lambda at: 1 + at / 10, -2.0)[0] == -4.0


def test_what_does_nothing_is_left_alone():
    assert tuned(lambda _: 1.0, 2.0) == (0.0, 2)
    assert tuned(lambda at: 1 - at, 2.0)[0] == 0.0  # nor is what does the opposite


def test_as_wanted_already_is_left_alone():
    assert tuned(lambda at: 2 + at, 2.0)[0] == pytest.approx(0)


@pytest.mark.slow
def test_a_generator_plays_as_it_does():
    keras.utils.set_random_seed(0)
    shape = GeneratorShape(composers=2, ensembles=2, latent_dim=16, width=12, voices=3)
    generator = build_generator(shape, RollPrior.uninformed(2, 3), "generator")
    rolls = rolls_of([[(0, 4, 60, Family.STRINGS)], [(0, 4, 72, Family.WINDS)]], [0, 1])
    rehearsal = Rehearsal(generator, rolls, np.random.default_rng(0))
    pieces = rehearsal.pieces_like(np.array([0, 1, 1]), batches=2)
    assert pieces["ensemble"][:4].tolist() == [0, 1, 1, 0]
    assert len(pieces["latent"]) == 2 * PIECES
    for bias in (0.0, -9.0):  # the second time with other weights
        presence = generator.get_layer("voices").tables["presence_of_ensemble"]
        presence.assign(presence + bias)
        heard, sounding = rehearsal.play(pieces)
        voices = generator(pieces)
        np.testing.assert_array_equal(heard, binary_roll(**voices).numpy() > 0.5)
        np.testing.assert_allclose(sounding, voices["sounding"], atol=1e-4)
    assert not heard.any()
