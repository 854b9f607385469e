from dataclasses import replace

import keras
import numpy as np
import pytest
from training.written_rolls import QUICK, SLOW, rolls_of

from musicgen.models.generator import GeneratorShape, build_generator
from musicgen.models.roll_prior import LEVELS, PACES, RollPrior
from musicgen.training.rehearsal import Rehearsal
from musicgen.training.roll_measures import attack_spread
from musicgen.training.variety import set_variety


@pytest.mark.slow
def test_pieces_differ_more_where_the_music_does():
    keras.utils.set_random_seed(0)
    shape = GeneratorShape(composers=1, ensembles=2, latent_dim=16, width=12, voices=4)
    prior = RollPrior.uninformed(2, 4)
    quicker = np.tile(np.linspace(-1, 1, LEVELS) / PACES, (2, PACES, 1))
    prior = replace(prior, variety=dict.fromkeys(prior.variety, quicker))
    generator = build_generator(shape, prior, "generator")
    rolls = rolls_of([SLOW, QUICK] * 8, [1] * 16)
    rehearsal = Rehearsal(generator, rolls, np.random.default_rng(0))
    pieces = rehearsal.pieces_like(np.arange(16), batches=2)
    before, _ = rehearsal.play(pieces)
    set_variety(rehearsal, rolls, np.random.default_rng(0))
    after, _ = rehearsal.play(pieces)
    ensemble = pieces["ensemble"]
    assert attack_spread(after, ensemble) > attack_spread(before, ensemble)
