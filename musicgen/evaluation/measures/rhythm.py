"""When notes begin and how long they last."""

from itertools import combinations

import numpy as np

from musicgen.evaluation.measures.frames import (
    BARS,
    STEPS_PER_BAR,
    STEPS_PER_BEAT,
    joint,
    normalised,
    onset_steps,
    onsets,
    sounding,
)
from musicgen.evaluation.measures.melody import skyline
from musicgen.music.grid import GridScore

LONGEST_STEPS = 16
QUALIFIED_STEPS = 2

# Lengths that behave alike: 1, 2, 3, 4, 5-7, 8-11, 12-15, 16 and more steps.
_CLASS_EDGES = (2, 3, 4, 5, 8, 12, 16)
LENGTH_CLASSES = len(_CLASS_EDGES) + 1


def note_density(score: GridScore) -> float:
    """Return the number of notes that begin, per beat."""
    beats = BARS * STEPS_PER_BAR / STEPS_PER_BEAT
    return len(score.notes) / beats


def note_length_histogram(score: GridScore) -> np.ndarray:
    """Return the share of notes of 1, 2 … 15, 16 and more steps, shape ``(16,)``."""
    return _length_histogram(score.notes["duration_steps"])


def inter_onset_histogram(score: GridScore) -> np.ndarray:
    """Return the share of gaps of 1 … 15, 16 and more steps between onsets, shape ``(16,)``.

    Notes that begin together are one onset.
    """
    return _length_histogram(np.diff(onset_steps(score)))


def note_length_transitions(score: GridScore) -> np.ndarray:
    """Return how often lengths of the top voice follow one another, shape ``(8, 8)``, as shares."""
    lengths = np.digitize(skyline(score)["duration_steps"], _CLASS_EDGES)
    return joint(lengths[:-1], lengths[1:], LENGTH_CLASSES)


def inter_onset_transitions(score: GridScore) -> np.ndarray:
    """Return how often gaps between onsets follow one another, shape ``(8, 8)``, as shares."""
    gaps = np.digitize(np.diff(onset_steps(score)), _CLASS_EDGES)
    return joint(gaps[:-1], gaps[1:], LENGTH_CLASSES)


def onset_position_histogram(score: GridScore) -> np.ndarray:
    """Return the share of notes that begin at each step of the bar, shape ``(16,)``."""
    counts = onsets(score).sum(1).reshape(BARS, STEPS_PER_BAR).sum(0)
    return normalised(counts)


def groove(score: GridScore) -> float:
    """Return the mean share of steps in which two bars agree on having an onset, 0 to 1.

    S.-L. Wu, Y.-H. Yang, The Jazz Transformer, ISMIR 2020. Steps without onsets agree too, so
    sparse rhythms score high: read ``groove_jaccard`` beside it. Silence has no groove: 0.
    """
    bars = _onset_bars(score)
    if not bars.any():
        return 0.0
    return float(np.mean([(a == b).mean() for a, b in combinations(bars, 2)]))


def groove_jaccard(score: GridScore) -> float:
    """Return the mean share of two bars' onset steps that both have, 0 to 1.

    Two empty bars of an excerpt that sounds elsewhere agree: 1.
    """
    bars = _onset_bars(score)
    if not bars.any():
        return 0.0
    shares = [
        (a & b).sum() / (a | b).sum() if (a | b).any() else 1.0 for a, b in combinations(bars, 2)
    ]
    return float(np.mean(shares))


def empty_beats(score: GridScore) -> float:
    """Return the share of beats in which nothing sounds, 0 to 1; silence has 1."""
    beats = sounding(score).reshape(BARS * STEPS_PER_BAR // STEPS_PER_BEAT, -1)
    return float((~beats.any(1)).mean())


def empty_bars(score: GridScore) -> float:
    """Return the share of bars in which nothing sounds, 0 to 1; silence has 1."""
    return float((~sounding(score).reshape(BARS, -1).any(1)).mean())


def qualified_notes(score: GridScore) -> float:
    """Return the share of notes of at least ``QUALIFIED_STEPS`` steps, 0 to 1.

    MuseGAN's QN finds music that falls to pieces; it asks for three steps of its finer grid. Here
    the pieces are notes of a single step.
    """
    durations = score.notes["duration_steps"]
    return float((durations >= QUALIFIED_STEPS).mean()) if len(durations) else 0.0


def _onset_bars(score: GridScore) -> np.ndarray:
    return onsets(score).any(1).reshape(BARS, STEPS_PER_BAR)


def _length_histogram(lengths_steps: np.ndarray) -> np.ndarray:
    clipped = np.minimum(lengths_steps, LONGEST_STEPS)
    return normalised(np.bincount(clipped, minlength=LONGEST_STEPS + 1)[1:])
