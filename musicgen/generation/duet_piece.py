"""A piece that two make: each frame waits for what the other plays in it."""

from collections import deque
from dataclasses import replace

import numpy as np

from musicgen.generation.growing_piece import Frame, GrowingPiece
from musicgen.representation.vocabulary import END_OF_FRAME, SPECIAL_TOKENS

Line = tuple[int, int]
"""(pitch, family)."""


class DuetPiece(GrowingPiece):
    """Grows frame by frame, on demand, around the notes of somebody else.

    The other's notes stand in the frame as if the model had chosen them, so that it answers them.
    Where nothing is heard, the music is that of ``GrowingPiece``.
    """

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self._heard: deque[int] = deque()
        self._theirs: set[Line] = set()
        self._released: list[int] = []
        self._granted = 0

    @property
    def ready(self) -> bool:
        """Whether the frame to come may be made."""
        return self.frames < self._granted

    def hear(self, notes: dict[Line, bool]) -> None:
        """Put the other's notes into the frame to come, and let it be made.

        Args:
            notes: whether each note is held from the frame before, else struck. Pitches that the
                model has no tokens for are not heard.
        """
        vocabulary = self._vocabulary
        low, high = vocabulary.low_pitch, vocabulary.high_pitch
        notes = {line: held for line, held in notes.items() if low <= line[0] <= high}
        # A note that the other let go of is over: the model may not hold it in their place.
        self._released = self._tokens_of(dict.fromkeys(self._theirs - notes.keys(), True))
        self._heard = deque(self._tokens_of(notes))
        self._theirs = set(notes)
        self._granted = self.frames + 1

    def allowed(self) -> np.ndarray:
        """Return which tokens may come next; see ``GrowingPiece.allowed``."""
        mask = super().allowed()
        mask[self._released] = False
        return mask

    def grow(self, drawn: int) -> Frame | None:
        """Take the token that was drawn, after those heard that belong before it."""
        heard = self._heard
        if heard and (drawn == END_OF_FRAME or self._line(drawn) >= self._line(heard[0])):
            return self.push(heard.popleft())
        return self.push(drawn)

    def _frame(self, tokens: list[int]) -> Frame:
        """Return what the model itself plays."""
        frame = super()._frame(tokens)
        struck = tuple(line for line in frame.struck if line not in self._theirs)
        held = tuple(line for line in frame.held if line not in self._theirs)
        return replace(frame, struck=struck, held=held)

    def _line(self, token: int) -> int:
        return (token - SPECIAL_TOKENS) // self._vocabulary.states

    def _tokens_of(self, notes: dict[Line, bool]) -> list[int]:
        if not notes:
            return []
        pitches, families = np.array(sorted(notes), np.int32).T
        held = np.array([notes[line] for line in sorted(notes)]) & (self._vocabulary.states == 2)
        return self._vocabulary.tokens(pitches, families, held).tolist()
