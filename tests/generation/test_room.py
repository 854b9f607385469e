import numpy as np

from musicgen.generation.room import FFT_SIZE, WET, with_room

RATE_HZ = 44_100


def test_an_impulse_rings_on_and_dies_away():
    sound = np.zeros((2, 2 * RATE_HZ), np.float32)
    sound[:, 0] = 1
    wet = with_room(sound, RATE_HZ) - sound
    assert np.abs(wet[:, : int(0.011 * RATE_HZ)]).max() < 1e-6
    energy = (wet**2).sum(axis=1)
    np.testing.assert_allclose(energy, WET**2, rtol=1e-3)
    early, late = (np.abs(wet[:, a * RATE_HZ // 10 :][:, :4410]).max() for a in (1, 9))
    assert 0 < late < early / 20


def test_blocks_join_without_a_seam():
    """Convolution does not mind when the sound begins, so a shift across a block shows seams."""
    random = np.random.default_rng(0)
    shift = FFT_SIZE - 50_000
    sound = np.zeros((2, 2 * FFT_SIZE), np.float32)
    sound[:, :9000] = random.normal(size=(2, 9000))
    shifted = np.roll(sound, shift, axis=1)
    left = with_room(sound, RATE_HZ)[:, :FFT_SIZE]
    right = with_room(shifted, RATE_HZ)[:, shift:][:, :FFT_SIZE]
    np.testing.assert_allclose(left, right, atol=1e-5)
