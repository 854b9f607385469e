"""A score in beats, as it was read: before any grid."""

from dataclasses import dataclass

import numpy as np

NOTE = np.dtype(
    [
        ("onset_beats", "f8"),
        ("duration_beats", "f8"),
        ("pitch", "u1"),
        ("velocity", "u1"),
        ("program", "u1"),
    ]
)
"""One pitched note. A beat is a quarter note; ``program`` is General MIDI, counted from 0.

Notes are rows of an array, not objects: a corpus holds millions of them.
"""


@dataclass(frozen=True)
class Metre:
    """A time signature that holds from ``onset_beats`` on."""

    onset_beats: float
    numerator: int
    denominator: int

    @property
    def bar_beats(self) -> float:
        """Length of a bar in quarter notes."""
        return 4 * self.numerator / self.denominator


@dataclass(frozen=True)
class Score:
    """Pitched notes with their metres and tempo.

    Attributes:
        notes: array of ``NOTE``, sorted by onset, then pitch.
        metres: in ascending order; empty means 4/4 throughout.
        tempo_qpm: mean tempo in quarter notes a minute, weighted by time.
    """

    notes: np.ndarray
    metres: tuple[Metre, ...] = ()
    tempo_qpm: float = 120.0

    @property
    def end_beats(self) -> float:
        """When the last note ends, in beats; 0 for an empty score."""
        if not len(self.notes):
            return 0.0
        return float((self.notes["onset_beats"] + self.notes["duration_beats"]).max())
