"""Which tokens may follow: every sequence that keeps to it is valid music."""

import numpy as np

from musicgen.representation.vocabulary import END_OF_FRAME, PAD, SPECIAL_TOKENS, Vocabulary


class Grammar:
    """Tracks one growing sequence and masks the tokens that would make it invalid.

    Within a frame, lines (pitch and family) strictly ascend; a note can only be held where it
    sounded in the frame before; ``PAD`` never comes.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        lines = (vocabulary.size - SPECIAL_TOKENS) // vocabulary.states
        self._states = vocabulary.states
        self._sounding_before = np.zeros(lines, bool)
        self._sounding = np.zeros(lines, bool)
        self._mask = np.ones(vocabulary.size, bool)
        self._begin_frame()

    def allowed(self) -> np.ndarray:
        """Return which tokens may come next, shape ``(vocabulary.size,)``, ``bool``."""
        return self._mask.copy()

    def push(self, token: int) -> None:
        """Append a token to the sequence."""
        if token == END_OF_FRAME:
            self._sounding_before, self._sounding = self._sounding, self._sounding_before
            self._sounding[:] = False
            self._begin_frame()
        elif token >= SPECIAL_TOKENS:
            line = (token - SPECIAL_TOKENS) // self._states
            self._sounding[line] = True
            self._mask[SPECIAL_TOKENS : SPECIAL_TOKENS + (line + 1) * self._states] = False

    def _begin_frame(self) -> None:
        self._mask[:] = True
        self._mask[PAD] = False
        if self._states == 2:
            self._mask[SPECIAL_TOKENS + 1 :: 2] = self._sounding_before
