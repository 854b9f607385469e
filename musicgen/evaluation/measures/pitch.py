"""Which pitches an excerpt uses."""

import numpy as np

from musicgen.evaluation.measures.frames import (
    BARS,
    STEPS_PER_BAR,
    chroma,
    normalised,
    onsets,
    sounding,
)
from musicgen.music.grid import GridScore

_MAJOR_SCALE = np.isin(np.arange(12), (0, 2, 4, 5, 7, 9, 11))
_SCALES = np.array([np.roll(_MAJOR_SCALE, key) for key in range(12)])


def pitch_range(score: GridScore) -> float:
    """Return the distance of the highest and the lowest pitch, in semitones."""
    pitches = score.notes["pitch"]
    return float(int(pitches.max()) - int(pitches.min())) if len(pitches) else 0.0


def pitch_class_histogram(score: GridScore) -> np.ndarray:
    """Return the share of sounding time of each pitch class, shape ``(12,)``, C first."""
    return normalised(chroma(sounding(score)).sum(0))


def pitch_class_entropy(score: GridScore) -> float:
    """Return the entropy of the pitch-class histogram in bits, 0 to 3.58."""
    shares = pitch_class_histogram(score)
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum()) + 0.0


def used_pitch_classes(score: GridScore) -> float:
    """Return the mean number of pitch classes that sound in a bar, 0 to 12; MuseGAN's UPC.

    H.-W. Dong et al., MuseGAN, AAAI 2018. Empty bars count as 0.
    """
    bars = sounding(score).reshape(BARS, STEPS_PER_BAR, -1).any(1)
    return float((chroma(bars) > 0).sum(1).mean())


def scale_consistency(score: GridScore) -> float:
    """Return the share of sounding time that lies in the best-fitting diatonic scale, 0 to 1.

    O. Mogren, C-RNN-GAN, 2016. Major and natural minor scales are the same twelve sets.
    """
    return float((_SCALES @ pitch_class_histogram(score)).max())


def pitch_class_transitions(score: GridScore) -> np.ndarray:
    """Return how often a pitch class begins right after another, shape ``(12, 12)``, as shares.

    Every pitch class that begins at one onset pairs with every one that begins at the next.
    L.-C. Yang, A. Lerch, On the evaluation of generative models in music, 2020, for melodies.
    """
    begun = onsets(score)
    classes = (chroma(begun[begun.any(1)]) > 0).astype(np.float64)
    return normalised(classes[:-1].T @ classes[1:])
