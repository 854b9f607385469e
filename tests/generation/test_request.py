import math

import pytest

from musicgen.errors import BadInput
from musicgen.generation.request import MAX_SEED, Request, random_seed


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("seed", -1, "seed is -1; give a whole number from 0 to 4294967295"),
        ("seed", 1.5, "seed is 1.5; give a whole number"),
        ("seed", True, "seed is True; give a whole number"),
        ("bars", 0, "bars is 0; give a whole number from 1 to 256"),
        ("bars", 257, "bars is 257"),
        ("top_k", -1, "top_k is -1"),
        ("top_p", 0, "top_p is 0"),
        ("top_p", 1.01, "top_p is 1.01"),
        ("temperature", -0.1, "temperature is -0.1; give a number from 0 to 4"),
        ("temperature", math.nan, "temperature is nan"),
        ("temperature", "hot", "temperature is 'hot'"),
        ("tempo_qpm", 19, "tempo_qpm is 19; give a number from 20 to 400"),
        pytest.param("tempo_qpm", 10**400, "from 20 to 400", id="more than any float"),
        ("temperature", math.inf, "temperature is inf"),
        ("composer", 3, "composer is 3; give a name"),
    ],
)
def test_values_out_of_range_are_refused_with_the_remedy(field, value, message):
    with pytest.raises(BadInput) as refusal:
        Request(**{"seed": 1, field: value})
    assert message in str(refusal.value)


def test_extremes_are_fine():
    Request(seed=2**32 - 1, bars=256, temperature=0, top_p=1, top_k=2**16, tempo_qpm=400)


def test_random_seeds_are_seeds_and_differ():
    seeds = {random_seed() for _ in range(100)}
    assert len(seeds) == 100
    assert all(0 <= seed <= MAX_SEED for seed in seeds)
