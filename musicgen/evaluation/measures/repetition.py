"""What comes again."""

import numpy as np

from musicgen.evaluation.measures.frames import BARS, STEPS, STEPS_PER_BEAT, onsets, sounding
from musicgen.music.grid import GridScore

BEATS = STEPS // STEPS_PER_BEAT
ROUNDS = 3


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


def longest_loop_steps(score: GridScore) -> int:
    """Return the length of the longest passage that goes round the same notes, 0 where none does.

    A passage loops where each step's onsets are those of ``p`` steps before, with an onset in every
    ``p`` of them; it must go round ``ROUNDS`` times, so a phrase said twice is none.
    """
    begun = onsets(score)
    is_begun = begun.any(1)
    longest = 0
    for period in range(1, STEPS // ROUNDS + 1):
        same = (begun[period:] == begun[:-period]).all(1)
        sounds = np.lib.stride_tricks.sliding_window_view(is_begun, period).any(1)
        repeated = longest_run(same & sounds[:-1])
        if repeated >= (ROUNDS - 1) * period:
            longest = max(longest, repeated + period)
    return longest


def longest_run(flags: np.ndarray) -> int:
    """Return the length of the longest run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags, [0]])))
    return int((edges[1::2] - edges[::2]).max(initial=0))
