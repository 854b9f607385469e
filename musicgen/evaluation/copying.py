"""How much of an excerpt stands in the training music already, in whatever key."""

from functools import cache

import numpy as np

from musicgen.music.grid import GridScore

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, so that its powers can be divided by
_INVERSE = np.uint64(pow(int(_MULTIPLIER), -1, 2**64))


class CopyDetector:
    """Runs of notes of the training music, compared by intervals and time between onsets.

    Notes come in order of onset and pitch. A run of n notes is known where the n - 1 moves from
    note to note (steps forward, semitones up) stand in some training piece; so a transposed or
    shifted copy is found.
    """

    def __init__(self, onset_steps: np.ndarray, pitches: np.ndarray, pieces: np.ndarray) -> None:
        """Take the notes of the training pieces, piece by piece, each in order.

        Args:
            onset_steps: shape ``(notes,)``.
            pitches: MIDI pitches, shape ``(notes,)``.
            pieces: any labels that differ from piece to piece, shape ``(notes,)``.
        """
        starts = np.r_[True, pieces[1:] != pieces[:-1]][: len(pieces)]
        self._piece = np.cumsum(starts)
        self._moves = _moves(onset_steps, pitches)
        self._known = cache(self._runs)

    def share(self, scores: list[GridScore], notes: int) -> float:
        """Return the share of the excerpts' runs of ``notes`` notes that are known, 0 to 1."""
        runs = [_hashes(_moves_of(score), notes - 1) for score in scores]
        found = np.concatenate([np.zeros(0, np.uint64), *runs])
        return float(np.isin(found, self._known(notes - 1)).mean()) if len(found) else 0.0

    def longest(self, scores: list[GridScore]) -> int:
        """Return the number of notes of the longest known run in any of the excerpts."""
        # Any part of a known run is known, so the lengths that occur have no gap: bisect.
        known, unknown = 1, max((len(score.notes) for score in scores), default=0) + 1
        while unknown - known > 1:
            middle = (known + unknown) // 2
            if self.share(scores, middle) > 0:
                known = middle
            else:
                unknown = middle
        return known if known > 1 else 0

    def _runs(self, moves: int) -> np.ndarray:
        hashes = _hashes(self._moves, moves)
        inside = self._piece[moves:] == self._piece[: max(len(self._piece) - moves, 0)]
        return np.unique(hashes[inside])


def _moves_of(score: GridScore) -> np.ndarray:
    return _moves(score.notes["onset_steps"], score.notes["pitch"])


def _moves(onset_steps: np.ndarray, pitches: np.ndarray) -> np.ndarray:
    """Return a well-mixed ``uint64`` for each move from a note to the next."""
    forward = np.diff(onset_steps.astype(np.int64))
    upward = np.diff(pitches.astype(np.int64))
    mixed = (forward * 1024 + upward).astype(np.uint64)
    for shift in (30, 27, 31):  # splitmix64, so that neighbouring moves share no bits
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * _MULTIPLIER
    return mixed


def _hashes(moves: np.ndarray, length: int) -> np.ndarray:
    """Return a hash of every run of ``length`` moves, from prefix sums, modulo 2**64."""
    if length < 1 or len(moves) < length:
        return np.zeros(0, np.uint64)
    powers = np.cumprod(np.full(len(moves), _MULTIPLIER, np.uint64))
    inverses = np.cumprod(np.full(len(moves), _INVERSE, np.uint64))
    sums = np.r_[np.uint64(0), np.cumsum(moves * powers, dtype=np.uint64)]
    return (sums[length:] - sums[:-length]) * inverses[: len(moves) - length + 1]
