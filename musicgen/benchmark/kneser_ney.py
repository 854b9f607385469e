"""The n-gram model to beat: modified Kneser-Ney, interpolated with all lower orders."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from musicgen.representation.vocabulary import END_OF_FRAME

UNESTIMATED_DISCOUNTS = (0.5, 1.0, 1.5)
"""For n-grams seen once, twice, oftener, where a text is too small to tell (as KenLM has it)."""


@dataclass(frozen=True)
class _Order:
    """The n-grams of one length, packed and in ascending order, and their contexts.

    Attributes:
        grams: ``(G,)``.
        shares: each one's discounted share of its context ``(G,)``.
        contexts: the n-grams without their last token ``(C,)``.
        backoffs: the share of each context that its discounts free ``(C,)``.
    """

    grams: np.ndarray
    shares: np.ndarray
    contexts: np.ndarray
    backoffs: np.ndarray


class KneserNey:
    """Predicts a token from those before it (Chen and Goodman 1999, section 3; all exact).

    The longest n-grams are counted as they stand, shorter ones by how many different tokens came
    before them; what is discounted from a context's n-grams goes to the context one token shorter,
    and below the shortest lies the uniform distribution. A piece begins after ends of frames, as
    for the LSTM. An n-gram is packed into one integer, so a corpus of millions of tokens takes
    seconds.

    Args:
        pieces: tokens of each piece ``(N,)``.
        vocabulary_size: number of token ids; ``order`` of them must fit into 63 bits.
        order: tokens in the longest n-gram.
    """

    def __init__(self, pieces: Iterable[np.ndarray], vocabulary_size: int, order: int = 5) -> None:
        self._size = vocabulary_size
        self._bits = (vocabulary_size - 1).bit_length()
        self._order = order
        grams = np.concatenate([self._packed(piece) for piece in pieces])
        orders = []
        for length in range(order, 0, -1):
            grams, counts = np.unique(grams, return_counts=True)
            orders.append(_order(grams, counts, self._bits))
            grams = grams & self._mask(length - 1)  # each different one counts once from here on
        self._orders = orders[::-1]

    def nats(self, piece: np.ndarray) -> np.ndarray:
        """Return the surprise at each token of a piece ``(N,)``, in nats."""
        return -np.log(self._probabilities(self._packed(piece)))

    def distribution(self, before: Iterable[int]) -> np.ndarray:
        """Return the probability of each token id after these tokens ``(V,)``."""
        padded = [END_OF_FRAME] * (self._order - 1) + list(before)
        context = 0
        for token in padded[len(padded) - self._order + 1 :]:
            context = context << self._bits | int(token)
        return self._probabilities(context << self._bits | np.arange(self._size))

    def _probabilities(self, grams: np.ndarray) -> np.ndarray:
        """Return the probability of the last token of each packed n-gram ``(N,)``."""
        found = np.full(len(grams), 1 / self._size)
        for length, order in enumerate(self._orders, start=1):
            shorter = grams & self._mask(length)
            share = _looked_up(order.grams, order.shares, shorter, 0.0)
            backoff = _looked_up(order.contexts, order.backoffs, shorter >> self._bits, 1.0)
            found = share + backoff * found
        return found

    def _packed(self, piece: np.ndarray) -> np.ndarray:
        """Return each token with those before it as one integer ``(N,)``, the oldest on top."""
        padded = np.r_[np.full(self._order - 1, END_OF_FRAME), piece].astype(np.int64)
        runs = np.lib.stride_tricks.sliding_window_view(padded, self._order)
        packed = np.zeros(len(piece), np.int64)
        for column in runs.T:
            packed = packed << self._bits | column
        return packed

    def _mask(self, length: int) -> int:
        return (1 << self._bits * length) - 1


def _order(grams: np.ndarray, counts: np.ndarray, bits: int) -> _Order:
    contexts, first = np.unique(grams >> bits, return_index=True)
    discounts = _discounts(counts)[np.minimum(counts, 3)]
    totals = np.add.reduceat(counts, first)
    shares = (counts - discounts) / np.repeat(totals, np.diff(first, append=len(grams)))
    return _Order(grams, shares, contexts, np.add.reduceat(discounts, first) / totals)


def _discounts(counts: np.ndarray) -> np.ndarray:
    """Return what to take from counts of 0, 1, 2, and 3 or more (Chen and Goodman, eq. 17)."""
    n1, n2, n3, n4 = (int((counts == count).sum()) for count in (1, 2, 3, 4))
    if n1 and n2 and n3:
        y = n1 / (n1 + 2 * n2)
        found = np.array([0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3])
        if (found >= 0).all():
            return found
    return np.array([0, *UNESTIMATED_DISCOUNTS])


def _looked_up(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray, otherwise: float):
    """Return the values of the wanted keys, which are sorted; ``otherwise`` where there is none."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], otherwise)
