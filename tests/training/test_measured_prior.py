import numpy as np
import pytest
from datasets import make_dataset
from training.written_rolls import rolls_of

from musicgen.models.roll_prior import LEVELS
from musicgen.music.family import Family
from musicgen.preprocess.dataset import Dataset
from musicgen.representation.pianoroll import PITCHES
from musicgen.training.measured_prior import measure_prior
from musicgen.training.rolls import Rolls

pytestmark = pytest.mark.slow


def test_two_voices():
    """B7 sounds throughout and is struck every 16 steps, C1 in the first half; both by winds."""
    score = [(16 * bar, 16, 107, Family.WINDS) for bar in range(4)] + [(0, 32, 24, Family.WINDS)]
    prior = measure_prior(rolls_of([score], [1]), ensembles=2, voices=3, seed=0)
    for ensemble in range(2):  # nobody names ensemble 0, so it is all music
        assert prior.register[ensemble, 0] == pytest.approx(83 / 12)
        assert prior.register[ensemble, 1] == pytest.approx(np.log(83 / 12))
        assert prior.presence[ensemble] == pytest.approx([3.09, 0, -3.09], abs=0.01)
        assert (prior.families[ensemble].argmax(-1) == Family.WINDS).all()
    restruck = 3 / (63 + 31)
    assert prior.restrike == pytest.approx(np.full((2, 3), -1.85), abs=0.01)
    assert restruck == pytest.approx(0.032, abs=0.001)  # of which −1.85 is the quantile


def test_ensembles_have_their_own_families():
    low = [(0, 64, 24, Family.STRINGS), (0, 64, 107, Family.STRINGS)]
    high = [(0, 64, 24, Family.VOICES), (0, 64, 107, Family.VOICES)]
    prior = measure_prior(rolls_of([low, high], [1, 2]), ensembles=3, voices=2, seed=0)
    assert (prior.families[1].argmax(-1) == Family.STRINGS).all()
    assert (prior.families[2].argmax(-1) == Family.VOICES).all()
    of_all = prior.families[0].argmax(-1).tolist()  # no piece has both
    assert sorted(of_all) == [[Family.STRINGS] * 2] * 8 + [[Family.VOICES] * 2] * 8


def test_of_a_dataset(tmp_path):
    rolls = Rolls.read(Dataset.open(make_dataset(tmp_path, pieces=8)), "train")
    prior = measure_prior(rolls, ensembles=3, voices=6, seed=0)
    assert prior.chords.shape == (LEVELS, PITCHES, PITCHES)
    variances = np.einsum("lcp,l->p", np.square(prior.chords), prior.shares["harmony"][0])
    assert variances.max() < 1.001
    assert variances[30:50].min() > 0.9
    again = measure_prior(rolls, ensembles=3, voices=6, seed=0)
    np.testing.assert_equal(vars(prior), vars(again))
