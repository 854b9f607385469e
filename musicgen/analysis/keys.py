"""The key of a piece, guessed from how long each pitch class sounds."""

import numpy as np

NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")

# How well each pitch class fits C major and C minor (Krumhansl, Kessler 1982, table 1).
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
_PROFILES = np.array([np.roll(p, tonic) for p in (_MAJOR, _MINOR) for tonic in range(12)])

KEYS = [f"{name} {mode}" for mode in ("major", "minor") for name in NAMES]


def key_of(pitches: np.ndarray, durations: np.ndarray) -> str:
    """Return the key whose profile correlates best with the sounding time of pitch classes.

    Source: C. Krumhansl, *Cognitive Foundations of Musical Pitch*, 1990, chapter 4.
    """
    weights = np.bincount(pitches % 12, durations, minlength=12)
    if np.ptp(weights) == 0:
        return "unclear"
    return KEYS[int(np.argmax([np.corrcoef(weights, profile)[0, 1] for profile in _PROFILES]))]
