"""Where pitch classes lie in tonal space: what is near sounds alike."""

import numpy as np

# Sine and cosine on the circles of fifths, minor thirds and major thirds.
_ANGLES = np.arange(12)[:, None] * np.array([7, 3, 2]) * np.pi / np.array([6, 2, 3])

TONAL_CENTROIDS = np.hstack([np.sin(_ANGLES), np.cos(_ANGLES)]) * np.tile([1.0, 1.0, 0.5], 2)
"""Six coordinates of each pitch class, shape ``(12, 6)``; those of a chord are the mean of its own.

C. Harte, M. Sandler, M. Gasser, Detecting harmonic change in musical audio, 2006.
"""
