"""Which key is it, and is it F sharp or G flat? Pitches by name, for people who read notes."""

import numpy as np

# Ratings of how well each pitch class fits a key on C (Krumhansl and Kessler 1982).
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
_LETTERS = "FCGDAEB"


class Spelling:
    """Names the pitches of a piece in its key.

    Attributes:
        fifths: sharps of the key signature, -6 to 6; negative for flats.
        mode: ``major`` or ``minor``.
    """

    def __init__(self, notes: np.ndarray) -> None:
        """Find the key whose profile correlates best with how long each pitch class sounds."""
        weights = np.bincount(notes["pitch"] % 12, notes["duration_steps"], 12)
        ratings = [
            (_correlation(np.roll(profile, tonic), weights), -abs(fifths), fifths, mode)
            for mode, profile, offset in (("major", _MAJOR, 0), ("minor", _MINOR, 3))
            for tonic in range(12)
            for fifths in ((7 * (tonic + offset) + 6) % 12 - 6,)
        ]
        _, _, self.fifths, self.mode = max(ratings)
        # Twelve neighbours on the line of fifths; minor keys raise their leading note.
        lowest = self.fifths - (3 if self.mode == "minor" else 4)
        self._lines = {(7 * line) % 12: line for line in range(lowest, lowest + 12)}

    def name(self, pitch: int) -> tuple[str, int, int]:
        """Return a MIDI pitch's letter, alteration in semitones, and octave (middle C is in 4)."""
        line = self._lines[pitch % 12]
        letter, alteration = _LETTERS[(line + 1) % 7], (line + 1) // 7
        return letter, alteration, (pitch - alteration) // 12 - 1


def _correlation(profile: np.ndarray, weights: np.ndarray) -> float:
    profile, weights = profile - profile.mean(), weights - weights.mean()
    length = np.linalg.norm(weights)
    return round(float(profile @ weights / np.linalg.norm(profile) / length), 9) if length else 0.0
