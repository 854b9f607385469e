"""What the generator knows before its first step: plain statistics of the training rolls."""

from dataclasses import dataclass

import numpy as np

from musicgen.music.family import Family
from musicgen.representation.pianoroll import PITCHES

LEVELS = 5
"""Piece, bar, beat, half-beat and step: the time scales on which music moves."""

MOTIONS = ("heading", "presence", "restrike")
"""What moves a voice: where it goes, when it sounds, when it strikes again."""

PACES = 4
"""So many numbers say by how much a piece moves otherwise than its ensemble does on average."""

ORCHESTRATIONS = 16
"""So many ways an ensemble has to share out its voices among the families."""


@dataclass(frozen=True)
class RollPrior:
    """A Gaussian model of music: a start from which a short training gets far.

    Voice k plays the k-th highest note at each step. Per ensemble ``(E, V)`` unless said otherwise.

    Attributes:
        chords: by level of time, directions in which pitches differ together ``(LEVELS, PITCHES,
            PITCHES)``: standard normals times the rows are distributed like the pitches of music,
            with variance 1.
        shares: what each level adds to the variance of ``harmony`` and of ``MOTIONS``, by name,
            ``(E, LEVELS)``.
        variety: by how much the logarithms of ``shares`` differ from piece to piece, by name,
            ``(E, PACES, LEVELS)``: as standard normals times the rows do.
        register: mean pitch of the first voice, in octaves above the roll's lowest; of the others,
            the mean logarithm of the octaves from the voice above down to it.
        spread: standard deviations of what ``register`` has the means of.
        presence: how often the voice sounds, as a normal quantile: 0 is half of the time.
        families: logarithm of the share of its notes that each family plays, in each of some pieces
            ``(E, ORCHESTRATIONS, V, F)``.
        restrike: how often a note that sounds on is struck again, as a normal quantile.
    """

    chords: np.ndarray
    shares: dict[str, np.ndarray]
    variety: dict[str, np.ndarray]
    register: np.ndarray
    spread: np.ndarray
    presence: np.ndarray
    families: np.ndarray
    restrike: np.ndarray

    @classmethod
    def uninformed(cls, ensembles: int, voices: int) -> "RollPrior":
        """Return a prior that knows no music: random chords and families, all voices alike."""
        random = np.random.default_rng(0)
        names = ("harmony", *MOTIONS)
        return cls(
            chords=random.normal(size=(LEVELS, PITCHES, PITCHES)) / np.sqrt(PITCHES),
            shares=dict.fromkeys(names, np.full((ensembles, LEVELS), 1 / LEVELS)),
            variety=dict.fromkeys(names, random.normal(size=(ensembles, PACES, LEVELS)) / PACES),
            register=np.tile([5.0] + [np.log(5 / 12)] * (voices - 1), (ensembles, 1)),
            spread=np.full((ensembles, voices), 0.5),
            presence=np.zeros((ensembles, voices)),
            families=random.normal(size=(ensembles, ORCHESTRATIONS, voices, len(Family))),
            restrike=np.full((ensembles, voices), -1.3),
        )
