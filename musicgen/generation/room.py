"""A small room around dry sound: notes ring on instead of stopping dead."""

from functools import lru_cache

import numpy as np
from scipy.signal import butter, oaconvolve, sosfilt

REVERBERATION_SECONDS = 1.1
PREDELAY_SECONDS = 0.012
WET = 0.22
LOWPASS_HZ = 4_500


def with_room(sound: np.ndarray, rate_hz: int) -> np.ndarray:
    """Return sound ``(2, length)`` float32 with its reverberation, of the same length."""
    response = _impulse_response(rate_hz)
    wet = oaconvolve(sound, response, axes=1)[:, : sound.shape[1]]
    return (sound + WET * wet).astype(np.float32)


@lru_cache(maxsize=1)
def _impulse_response(rate_hz: int) -> np.ndarray:
    """Model a room as decaying noise, different in each ear (Moorer 1979), of unit energy.

    Noise falls by 60 dB in the reverberation time; walls take the treble.
    """
    random = np.random.default_rng(1979)
    time = np.arange(int(REVERBERATION_SECONDS * rate_hz)) / rate_hz
    noise = random.standard_normal((2, len(time))) * 10 ** (-3 * time / REVERBERATION_SECONDS)
    noise = sosfilt(butter(2, LOWPASS_HZ, fs=rate_hz, output="sos"), noise, axis=1)
    noise /= np.sqrt((noise**2).sum(axis=1, keepdims=True))
    return np.pad(noise, ((0, 0), (int(PREDELAY_SECONDS * rate_hz), 0)))
