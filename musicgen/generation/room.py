"""A small room around dry sound: notes ring on instead of stopping dead."""

from functools import lru_cache

import numpy as np

REVERBERATION_SECONDS = 1.1
PREDELAY_SECONDS = 0.012
WET = 0.22
LOWPASS_HZ = 3_500
FFT_SIZE = 2**18


def with_room(sound: np.ndarray, rate_hz: int) -> np.ndarray:
    """Return sound ``(2, length)`` float32 with its reverberation, of the same length."""
    response = _impulse_response(rate_hz)
    transfer = WET * np.fft.rfft(response, FFT_SIZE)
    wet = np.zeros((2, sound.shape[1] + FFT_SIZE), np.float32)
    # Overlap-add: blocks are convolved one by one, and their tails run into the blocks after.
    block = FFT_SIZE - response.shape[1] + 1
    for start in range(0, sound.shape[1], block):
        spectrum = np.fft.rfft(sound[:, start : start + block], FFT_SIZE)
        wet[:, start : start + FFT_SIZE] += np.fft.irfft(spectrum * transfer, FFT_SIZE)
    return wet[:, : sound.shape[1]] + sound


@lru_cache(maxsize=1)
def _impulse_response(rate_hz: int) -> np.ndarray:
    """Model a room as decaying noise, different in each ear (Moorer 1979), of unit energy.

    Noise falls by 60 dB in the reverberation time; walls take the treble. Shape ``(2, length)``,
    ``float32``.
    """
    random = np.random.default_rng(1979)
    time = np.arange(int(REVERBERATION_SECONDS * rate_hz)) / rate_hz
    frequency = np.fft.rfftfreq(len(time), 1 / rate_hz)
    lowpass = 1 / np.sqrt(1 + (frequency / LOWPASS_HZ) ** 4)  # Butterworth, second order
    noise = np.fft.irfft(np.fft.rfft(random.standard_normal((2, len(time)))) * lowpass, len(time))
    noise *= 10 ** (-3 * time / REVERBERATION_SECONDS)
    noise /= np.sqrt((noise**2).sum(axis=1, keepdims=True))
    silence = int(PREDELAY_SECONDS * rate_hz)
    return np.pad(noise, ((0, 0), (silence, 0))).astype(np.float32)
