"""Which tokens may follow: every sequence that keeps to it is valid music."""

import numpy as np

from musicgen.representation.vocabulary import END_OF_FRAME, PAD, SPECIAL_TOKENS, Vocabulary


class Grammar:
    """Tracks one growing sequence and masks the tokens that would make it invalid.

    Within a frame, lines (pitch and family) strictly ascend; a note can only be held where it
    sounded in the frame before; ``PAD`` never comes.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        lines = (vocabulary.size - SPECIAL_TOKENS) // vocabulary.states
        self._sounding_before = np.zeros(lines, bool)
        self._sounding = np.zeros(lines, bool)
        self._lowest_line = 0

    def allowed(self) -> np.ndarray:
        """Return which tokens may come next, shape ``(vocabulary.size,)``, ``bool``."""
        states = self._vocabulary.states
        mask = np.ones(self._vocabulary.size, bool)
        mask[PAD] = False
        if states == 2:
            mask[SPECIAL_TOKENS + 1 :: 2] = self._sounding_before
        mask[SPECIAL_TOKENS : SPECIAL_TOKENS + self._lowest_line * states] = False
        return mask

    def push(self, token: int) -> None:
        """Append a token to the sequence."""
        if token == END_OF_FRAME:
            self._sounding_before, self._sounding = self._sounding, self._sounding_before
            self._sounding[:] = False
            self._lowest_line = 0
        elif token >= SPECIAL_TOKENS:
            line = (token - SPECIAL_TOKENS) // self._vocabulary.states
            self._sounding[line] = True
            self._lowest_line = line + 1
