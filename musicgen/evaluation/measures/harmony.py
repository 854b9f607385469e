"""What sounds together, and what follows it."""

from itertools import combinations, pairwise

import numpy as np

from musicgen.evaluation.measures.frames import (
    STEPS,
    STEPS_PER_BEAT,
    chroma,
    normalised,
    onset_steps,
    sounding,
)
from musicgen.music.family import Family
from musicgen.music.grid import GridScore
from musicgen.music.tonality import TONAL_CENTROIDS

MOST_PITCHES = 8


def polyphony(score: GridScore) -> float:
    """Return the mean number of pitches over the steps in which any sounds."""
    pitches = sounding(score).sum(1)
    return float(pitches[pitches > 0].mean()) if pitches.any() else 0.0


def longest_chord_steps(score: GridScore) -> int:
    """Return for how many steps on end the same pitch classes sound, however they are struck."""
    classes = chroma(sounding(score)) > 0
    changed = (classes[1:] != classes[:-1]).any(1)
    bounds = np.concatenate([[0], np.flatnonzero(changed) + 1, [STEPS]])
    lengths = np.diff(bounds)
    return int(lengths[classes[bounds[:-1]].any(1)].max(initial=0))


def polyphony_histogram(score: GridScore) -> np.ndarray:
    """Return the share of steps in which 0, 1 … 7, 8 and more pitches sound, shape ``(9,)``."""
    counts = np.minimum(sounding(score).sum(1), MOST_PITCHES)
    return normalised(np.bincount(counts, minlength=MOST_PITCHES + 1))


def polyphonic_share(score: GridScore) -> float:
    """Return the share of all steps in which two pitches or more sound, 0 to 1."""
    return float((sounding(score).sum(1) >= 2).mean())


def family_shares(score: GridScore) -> np.ndarray:
    """Return each instrument family's share of the sounding time of all notes, shape ``(4,)``."""
    weights = score.notes["duration_steps"]
    return normalised(np.bincount(score.notes["family"], weights, minlength=len(Family)))


def harmonic_intervals(score: GridScore) -> np.ndarray:
    """Return the share of each interval between pitches that sound together, shape ``(12,)``.

    Intervals are modulo an octave, upwards from the lower pitch; each pair counts in each step.
    """
    roll = sounding(score)
    used = np.flatnonzero(roll.any(0))
    if len(used):
        roll = roll[:, used[0] : used[-1] + 1]
    counts = np.zeros(12)
    for interval in range(1, roll.shape[1]):
        counts[interval % 12] += (roll[:, interval:] & roll[:, :-interval]).sum()
    return normalised(counts)


def chord_sizes(score: GridScore) -> np.ndarray:
    """Return the share of onsets at which 1, 2 … 7, 8 and more notes begin, shape ``(8,)``."""
    sizes = np.bincount(score.notes["onset_steps"])
    sizes = np.minimum(sizes[sizes > 0], MOST_PITCHES)
    return normalised(np.bincount(sizes, minlength=MOST_PITCHES + 1)[1:])


def voice_leading(score: GridScore) -> float:
    """Return how far the notes of a chord are from the chord before, in semitones.

    For each pitch, the distance to the nearest pitch of the chord before; mean over the pitches of
    a chord, then over chords. A chord is what sounds where any note begins.
    """
    chords = [np.flatnonzero(chord) for chord in sounding(score)[onset_steps(score)]]
    moves = [np.abs(chord[:, None] - before).min(1).mean() for before, chord in pairwise(chords)]
    return float(np.mean(moves)) if moves else 0.0


def dissonance(score: GridScore) -> float:
    """Return the share of harmonic intervals that are seconds, sevenths or tritones, 0 to 1."""
    return float(harmonic_intervals(score)[[1, 2, 6, 10, 11]].sum())


def common_tones(score: GridScore) -> float:
    """Return the mean share of pitch classes that two successive chords have in common, 0 to 1.

    A chord is what sounds where any note begins; the share is of all that either has.
    """
    chords = chroma(sounding(score)[onset_steps(score)]) > 0
    if len(chords) < 2:
        return 0.0
    both = (chords[1:] & chords[:-1]).sum(1)
    return float((both / (chords[1:] | chords[:-1]).sum(1)).mean())


def tonal_distance(score: GridScore) -> float:
    """Return how far apart families are in harmony, mean over beats in which two sound, 0 to 3.

    C. Harte, M. Sandler, M. Gasser, Detecting harmonic change in musical audio, 2006, between
    tracks as in MuseGAN. One family alone has 0.
    """
    found = tonal_distances(score)
    return float(found.mean()) if len(found) else 0.0


def tonal_distances(score: GridScore) -> np.ndarray:
    """Return the tonal distance of any two families in each beat in which both sound."""
    beats = [_beat_chroma(sounding(score, family)) for family in Family]
    distances = [
        np.linalg.norm(_tonal_centroid(a) - _tonal_centroid(b), axis=1)[a.any(1) & b.any(1)]
        for a, b in combinations(beats, 2)
    ]
    return np.concatenate(distances)


def tonal_motion(score: GridScore) -> float:
    """Return the mean tonal distance from beat to beat, over beats that sound, 0 to 3."""
    beats = _beat_chroma(sounding(score))
    centroids = _tonal_centroid(beats[beats.any(1)])
    if len(centroids) < 2:
        return 0.0
    return float(np.linalg.norm(np.diff(centroids, axis=0), axis=1).mean())


def _beat_chroma(roll: np.ndarray) -> np.ndarray:
    """Sum the chroma of each beat, shape ``(beats, 12)``."""
    return chroma(roll).reshape(-1, STEPS_PER_BEAT, 12).sum(1)


def _tonal_centroid(beats: np.ndarray) -> np.ndarray:
    """Return the tonal centroid of each row of chroma, shape ``(beats, 6)``."""
    return beats @ TONAL_CENTROIDS / np.maximum(beats.sum(1, keepdims=True), 1)
