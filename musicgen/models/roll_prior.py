"""What the generator knows before its first step: plain statistics of the training rolls."""

from dataclasses import dataclass

import numpy as np

from musicgen.music.family import Family
from musicgen.representation.pianoroll import PITCHES

LEVELS = 5
"""Piece, bar, beat, half-beat and step: the time scales on which music moves."""


@dataclass(frozen=True)
class RollPrior:
    """A Gaussian model of music: a start from which a short training gets far.

    Voice k plays the k-th highest note at each step. Per ensemble ``(E, V)`` unless said otherwise.

    Attributes:
        chords: by level of time, directions in which pitches differ together ``(LEVELS, PITCHES,
            PITCHES)``: standard normals times the rows, summed over the levels, are distributed
            like the pitches of music, with variance 1.
        register: mean pitch of the first voice, in octaves above the roll's lowest; of the others,
            the mean logarithm of the octaves from the voice above down to it.
        spread: standard deviations of what ``register`` has the means of.
        presence: how often the voice sounds, as a normal quantile: 0 is half of the time.
        families: logarithm of the share of its notes that each family plays ``(E, V, F)``.
        restrike: how often a note that sounds on is struck again, as a normal quantile; one number.
        motion_shares: of the variance of the voices' pitches, what each level adds ``(LEVELS,)``.
    """

    chords: np.ndarray
    register: np.ndarray
    spread: np.ndarray
    presence: np.ndarray
    families: np.ndarray
    restrike: float
    motion_shares: np.ndarray

    @classmethod
    def uninformed(cls, ensembles: int, voices: int) -> "RollPrior":
        """Return a prior that knows no music: random chords, all voices and ensembles alike."""
        chords = np.random.default_rng(0).normal(size=(LEVELS, PITCHES, PITCHES))
        return cls(
            chords=chords / np.sqrt(LEVELS * PITCHES),
            register=np.tile([5.0] + [np.log(5 / 12)] * (voices - 1), (ensembles, 1)),
            spread=np.full((ensembles, voices), 0.5),
            presence=np.zeros((ensembles, voices)),
            families=np.zeros((ensembles, voices, len(Family))),
            restrike=-1.3,
            motion_shares=np.full(LEVELS, 1 / LEVELS),
        )
