"""What 5-gram models find surprising in pieces: in the keys as written, and in all keys."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from musicgen.benchmark.kneser_ney import KneserNey
from musicgen.representation.vocabulary import SPECIAL_TOKENS, Vocabulary
from musicgen.training.pieces import Pieces
from musicgen.training.token_windows import Windows

LOG = logging.getLogger(__name__)
ORDER = 5


@dataclass(frozen=True)
class FiveGramNats:
    """Nats of all tokens of some pieces.

    Attributes:
        as_written: of a model that learned other pieces in the keys that they have.
        in_all_keys: of one that learned them in all keys that the vocabulary holds.
        seconds: counting and predicting, in the keys as written.
    """

    as_written: float
    in_all_keys: float
    seconds: float

    @classmethod
    def measure(cls, learnt: Pieces, pieces: Pieces, vocabulary: Vocabulary) -> "FiveGramNats":
        """Count some pieces and predict others."""

        def nats(heard) -> float:
            model = KneserNey(heard, vocabulary.size, ORDER)
            return sum(float(model.nats(piece).sum()) for piece in _each(pieces))

        LOG.info("5-gram models of %d tokens, and of those in all keys", len(learnt.tokens))
        started = time.monotonic()
        as_written = nats(_each(learnt))
        seconds = time.monotonic() - started
        ranges = Windows(learnt, vocabulary, length=1).shift_ranges()
        in_all_keys = nats(_in_all_keys(_each(learnt), ranges, vocabulary.stride))
        return cls(as_written, in_all_keys, seconds)


def _each(pieces: Pieces) -> list[np.ndarray]:
    """Return the tokens of each piece."""
    return np.split(pieces.tokens, pieces.bounds[1:-1])


def _in_all_keys(pieces: list[np.ndarray], ranges, stride: int) -> Iterator[np.ndarray]:
    """Yield each piece in all keys from its lowest to its highest shift, in semitones."""
    for piece, low, high in zip(pieces, *ranges, strict=True):
        for shift in range(low, high + 1):
            yield np.where(piece >= SPECIAL_TOKENS, piece + shift * stride, piece)
