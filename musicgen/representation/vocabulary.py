"""The token alphabet of frame sequences."""

from dataclasses import dataclass

import numpy as np

from musicgen.music.family import Family

PAD = 0
END_OF_FRAME = 1
SPECIAL_TOKENS = 2


@dataclass(frozen=True)
class Vocabulary:
    """Maps (pitch, family, held) to token ids so that ascending ids are ascending pitches.

    ``id = 2 + ((pitch - low_pitch) * families + family) * states + held``, after ``PAD`` = 0 and
    ``END_OF_FRAME`` = 1. Transposing by n semitones adds ``n * stride`` to every note token.

    Attributes:
        low_pitch: lowest MIDI pitch with a token.
        high_pitch: highest MIDI pitch with a token.
        families: how many instrument families have tokens of their own.
        states: 2 where a held note differs from a struck one, 1 where it does not (benchmarks).
    """

    low_pitch: int = 21
    high_pitch: int = 108
    families: int = len(Family)
    states: int = 2

    @property
    def stride(self) -> int:
        """Distance of the ids of two pitches a semitone apart."""
        return self.families * self.states

    @property
    def size(self) -> int:
        """Number of token ids."""
        return SPECIAL_TOKENS + (self.high_pitch - self.low_pitch + 1) * self.stride

    def tokens(self, pitches: np.ndarray, families: np.ndarray, held: np.ndarray) -> np.ndarray:
        """Return token ids, elementwise, as ``int32``; pitches must lie in range."""
        lines = (np.asarray(pitches, np.int32) - self.low_pitch) * self.families + families
        return SPECIAL_TOKENS + lines * self.states + np.asarray(held, np.int32)

    def note(self, token: int) -> tuple[int, int, bool]:
        """Return what ``notes`` does for one token, without the cost of arrays."""
        line, held = divmod(token - SPECIAL_TOKENS, self.states)
        pitch, family = divmod(line, self.families)
        return pitch + self.low_pitch, family, bool(held)

    def notes(self, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the pitches, families and held flags of note tokens (no specials among them)."""
        lines, held = np.divmod(np.asarray(tokens, np.int32) - SPECIAL_TOKENS, self.states)
        pitches, families = np.divmod(lines, self.families)
        return pitches + self.low_pitch, families, held.astype(bool)
