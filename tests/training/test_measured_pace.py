import numpy as np
import pytest
from training.written_rolls import rolls_of

from musicgen.training.measured_prior import measure_prior

pytestmark = pytest.mark.slow


def test_ensembles_have_their_own_pace():
    slow = [(0, 64, 24, 0), (0, 64, 107, 0), *((16 * n, 16, 50 + 7 * (n % 2), 0) for n in range(4))]
    fast = [(0, 64, 24, 1), (0, 64, 107, 1), *((n, 1, 50 + 7 * (n % 2), 1) for n in range(64))]
    prior = measure_prior(rolls_of([slow, fast], [1, 2]), ensembles=3, voices=3, seed=0)
    for shares in (prior.shares["heading"], prior.shares["harmony"]):
        assert shares.argmax(1)[1:].tolist() == [1, 4]
        assert min(shares[0, 1], shares[0, 4]) > 0.2
    for variety in (prior.variety["heading"], prior.variety["harmony"]):
        # All music has slow pieces and fast ones, which one number tells; the ensembles have not.
        assert np.abs(variety[1:]).max() < 1e-6
        assert np.abs(variety[0, 1:]).max() < 1e-6
        assert variety[0, 0, 1] * variety[0, 0, 4] < -0.2


@pytest.mark.parametrize(("steps", "level"), [(64, 0), (16, 1), (4, 2), (2, 3), (1, 4)])
def test_levels_of_time(steps, level):
    """Music that changes every so many steps, at random, moves on no finer level of time."""
    random = np.random.default_rng(0)
    scores = []
    for _ in range(40):
        notes = [(0, 64, 24, 0), (0, 64, 107, 0)]
        for start in range(0, 64, steps):
            notes.append((start, steps, int(random.integers(50, 80)), 0))
        scores.append(notes)
    prior = measure_prior(rolls_of(scores, [0] * 40), ensembles=1, voices=3, seed=0)
    for (shares,) in (prior.shares["heading"], prior.shares["harmony"]):
        assert shares.sum() == pytest.approx(1, abs=0.01)
        assert shares[level] > 0.2
        assert shares[level + 1 :].sum() < 0.001
