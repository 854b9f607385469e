import numpy as np

from musicgen.music.instrument import RANGES, parts


def test_what_each_instrument_plays():
    found = parts(np.array([40, 0, 40, 40, 0]), np.array([55, 21, 54, 106, 108]))
    assert found.tolist() == [(0, 2, 21, 108, 0), (40, 3, 54, 106, 2)]


def test_nothing_plays():
    assert len(parts(np.zeros(0, int), np.zeros(0, int))) == 0


def test_ranges_are_of_programs_and_pitches():
    assert all(0 <= program < 128 for program in RANGES)
    assert all(0 <= low < high <= 127 for low, high in RANGES.values())
