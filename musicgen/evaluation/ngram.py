"""An n-gram model of token sequences: the simplest model that has heard music."""

from collections.abc import Iterable

import numpy as np

from musicgen.evaluation.measures.frames import STEPS, STEPS_PER_BAR
from musicgen.music.grid import GridScore
from musicgen.representation.grammar import Grammar
from musicgen.representation.sequence import decode, encode, frame_indices
from musicgen.representation.vocabulary import END_OF_FRAME, Vocabulary

EVERY_PITCH = Vocabulary(0, 127)
ORDER = 5
TOKEN_BITS = 11
DRAWS = 64


class NGram:
    """Draws each token as often as it followed the same tokens before it in the training music.

    Like the models, it knows the step in the bar of what it predicts. The step and every run of
    ``ORDER`` tokens are packed into one integer of 59 bits. In sorted order, all that continue one
    context lie side by side, so a uniform draw among them is a draw from the model. Draws that are
    not music here (a note held that does not sound) are drawn again, and a context that offers
    nothing else, or was never seen, is shortened.
    """

    def __init__(self, scores: Iterable[GridScore]) -> None:
        packed = [_packed(score) for score in scores]
        self._runs = [np.sort(np.concatenate(runs)) for runs in zip(*packed, strict=True)]

    def sample(self, random: np.random.Generator) -> GridScore:
        """Draw an excerpt of four bars."""
        tokens = [END_OF_FRAME] * (ORDER - 1)
        grammar = Grammar(EVERY_PITCH)
        frames = 0
        while frames < STEPS:
            allowed = grammar.allowed()
            position = frames % STEPS_PER_BAR
            token = self._next(tokens[1 - ORDER :], position, allowed, random)
            grammar.push(token)
            tokens.append(token)
            frames += token == END_OF_FRAME
        return decode(np.array(tokens[ORDER - 1 :]), EVERY_PITCH)

    def _next(
        self,
        context: list[int],
        position: int,
        allowed: np.ndarray,
        random: np.random.Generator,
    ) -> int:
        for length in range(ORDER, 0, -1):
            key = position
            for token in context[ORDER - length :]:
                key = key << TOKEN_BITS | token
            runs = self._runs[length - 1]
            low, high = np.searchsorted(runs, [key << TOKEN_BITS, (key + 1) << TOKEN_BITS])
            if high == low:
                continue
            drawn = runs[random.integers(low, high, DRAWS)] & ((1 << TOKEN_BITS) - 1)
            drawn = drawn[allowed[drawn]]
            if len(drawn):
                return int(drawn[0])
        return END_OF_FRAME


def _packed(score: GridScore) -> list[np.ndarray]:
    """Return position and last tokens of every token as integers, for runs of 1 … ORDER tokens."""
    tokens = encode(score, EVERY_PITCH).astype(np.int64)
    positions = frame_indices(tokens).astype(np.int64) % STEPS_PER_BAR
    padded = np.r_[np.full(ORDER - 1, END_OF_FRAME), tokens]
    run = np.zeros(len(tokens), np.int64)
    found = []
    for length in range(1, ORDER + 1):
        oldest = padded[ORDER - length : len(padded) - length + 1]
        run = run | oldest << TOKEN_BITS * (length - 1)
        found.append(run | positions << TOKEN_BITS * length)
    return found
