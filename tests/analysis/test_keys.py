import numpy as np
import pytest

from musicgen.analysis.keys import KEYS, key_of

MAJOR_SCALE, MINOR_SCALE = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 11)


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize(("mode", "scale"), [("major", MAJOR_SCALE), ("minor", MINOR_SCALE)])
def test_a_scale_with_a_long_triad_is_in_its_key(tonic, mode, scale):
    durations = np.array([4, 1, 3, 1, 3, 1, 1])
    found = key_of(60 + tonic + np.array(scale), durations)
    assert found == KEYS[tonic + (12 if mode == "minor" else 0)]
    assert found.endswith(mode)


def test_a_chromatic_scale_is_in_none():
    assert key_of(np.arange(60, 72), np.ones(12)) == "unclear"
