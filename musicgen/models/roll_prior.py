"""What the generator knows before its first step: plain statistics of the training rolls."""

from dataclasses import dataclass

import numpy as np

from musicgen.music.family import Family
from musicgen.representation.pianoroll import PITCHES

LINES = PITCHES * len(Family)
"""A line is one pitch of one family: what a step of a roll consists of."""

LEVELS = 5
"""Piece, bar, beat, half-beat and step: the time scales on which harmony moves."""


@dataclass(frozen=True)
class RollPrior:
    """A Gaussian whose sign is a piano roll: a start from which a short training gets far.

    If at each step ``h`` is a vector of independent standard normals, then the lines where
    ``h @ chords + thresholds[ensemble]`` is positive sound as often as in the ensemble's music, and
    together as often as they do there, to a first approximation.

    Attributes:
        chords: directions in which steps differ, ``(width, LINES)``; columns have length 1.
        thresholds: by ensemble and line ``(ensembles, LINES)``, mostly negative.
        shares: of the variance in time that each level explains ``(LEVELS,)``; they sum to 1.
        restrike: of the steps to which a note sounds on, the share that strikes it again.
    """

    chords: np.ndarray
    thresholds: np.ndarray
    shares: np.ndarray
    restrike: float

    @classmethod
    def uninformed(cls, width: int, ensembles: int, seed: int = 0) -> "RollPrior":
        """Return a prior that knows no music: random chords, one density, even shares."""
        chords = np.random.default_rng(seed).normal(size=(width, LINES))
        return cls(
            (chords / np.linalg.norm(chords, axis=0)).astype(np.float32),
            np.full((ensembles, LINES), -2.3, np.float32),
            np.full(LEVELS, 1 / LEVELS, np.float32),
            0.1,
        )
