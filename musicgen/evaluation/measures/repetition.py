"""What comes again."""

import numpy as np

from musicgen.evaluation.measures.frames import BARS, STEPS, STEPS_PER_BEAT, onsets, sounding
from musicgen.music.grid import GridScore

BEATS = STEPS // STEPS_PER_BEAT


def self_similarity(score: GridScore) -> np.ndarray:
    """Return how alike beats 1, 2 … 15 beats apart are, shape ``(15,)``, each 0 to 1.

    Two beats' likeness is the share of their sounding cells (step in the beat, pitch) that both
    have; pairs of beats in which nothing sounds are left out.
    """
    beats = sounding(score).reshape(BEATS, -1).astype(np.float64)
    both = beats @ beats.T
    sizes = beats.sum(1)
    either = sizes[:, None] + sizes - both
    likeness = np.divide(both, either, out=np.zeros_like(both), where=either > 0)
    curve = [
        np.diagonal(likeness, lag).sum() / max((np.diagonal(either, lag) > 0).sum(), 1)
        for lag in range(1, BEATS)
    ]
    return np.array(curve)


def bar_repetition(score: GridScore) -> float:
    """Return how much of a bar was there before, mean over bars 2 to 4, 0 to 1.

    Each bar is compared with the most similar bar before it: the share of their onsets (step in
    the bar, pitch) that both have.
    """
    bars = onsets(score).reshape(BARS, -1)
    best = []
    for index in range(1, BARS):
        both = (bars[index] & bars[:index]).sum(1)
        either = (bars[index] | bars[:index]).sum(1)
        best.append(float((both / np.maximum(either, 1)).max()))
    return float(np.mean(best))
