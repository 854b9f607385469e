"""Which windows a batch holds: drawn at random, the short ones with their like."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from musicgen.representation.vocabulary import END_OF_FRAME

GROUPS = 8
"""Pieces shorter than a window go into so many groups by length, so that little is padded."""


@dataclass(frozen=True)
class WindowDraws:
    """All pieces in a row, as wide as the windows that each is worth, cut into groups.

    Attributes:
        order: pieces by their place in the row ``(P,)``.
        shares: where each place begins, as a share of the row ``(P,)``.
        edges: where each group begins, and 1, ``(G + 1,)``.
        lengths: tokens in a window of each group ``(G,)``.
        starts: where windows may begin, one for every frame of all pieces ``(F,)``.
        first: index of each piece's first start ``(P + 1,)``.
    """

    order: np.ndarray
    shares: np.ndarray
    edges: np.ndarray
    lengths: np.ndarray
    starts: np.ndarray
    first: np.ndarray

    @classmethod
    def of(cls, tokens: np.ndarray, bounds: np.ndarray, length: int) -> "WindowDraws":
        """Group pieces.

        Args:
            tokens: all pieces' tokens ``(N,)``.
            bounds: piece ``p`` is ``bounds[p]:bounds[p + 1]``.
            length: tokens in a window at most.
        """
        sizes = np.diff(bounds)
        order = np.argsort(np.minimum(sizes, length), kind="stable")
        ends = np.cumsum(np.maximum(sizes[order] / length, 1.0))
        shares = np.concatenate([[0], ends[:-1]]) / ends[-1]
        short = int((sizes < length).sum())
        groups = [g for g in np.array_split(np.arange(short), GROUPS) if len(g)]
        if short < len(sizes):
            groups.append(np.arange(short, len(sizes)))
        return cls(
            order.astype(np.int32),
            shares,
            np.append(shares[[group[0] for group in groups]], 1.0),
            np.array([min(sizes[order[group[-1]]], length) for group in groups], np.int64),
            *_frame_starts(tokens, bounds, length),
        )

    def draw(self, group: tf.Tensor, which: tf.Tensor, where: tf.Tensor):
        """Return the starts and pieces ``(B,)`` of a batch and the length of its windows.

        Every token is about equally likely: a piece counts as often as it fills windows.

        Args:
            group: a number of 0–1 that chooses the group.
            which: numbers of 0–1 that choose pieces ``(B,)``.
            where: numbers of 0–1 that choose the frames where windows begin ``(B,)``. Windows that
                would pass the end of their piece end there instead.
        """
        chosen = tf.searchsorted(self.edges, group[None], side="right")[0] - 1
        low, high = tf.gather(self.edges, chosen), tf.gather(self.edges, chosen + 1)
        place = tf.searchsorted(self.shares, low + which * (high - low), side="right") - 1
        piece = tf.gather(self.order, place)
        first, after = tf.gather(self.first, piece), tf.gather(self.first, piece + 1)
        frame = first + tf.cast(where * tf.cast(after - first, where.dtype), first.dtype)
        return tf.gather(self.starts, frame), piece, tf.gather(self.lengths, chosen)


def _frame_starts(tokens, bounds, length) -> tuple[np.ndarray, np.ndarray]:
    """Return where windows may begin, and the index of each piece's first."""
    starts = np.flatnonzero(np.concatenate([[True], tokens[:-1] == END_OF_FRAME]))
    first = np.searchsorted(starts, bounds)
    # The last window of a piece begins at the first frame from which the rest fits, or else at its
    # last frame.
    fitting = np.maximum(bounds[1:] - length, bounds[:-1])
    last = starts[np.minimum(np.searchsorted(starts, fitting), first[1:] - 1)]
    return np.minimum(starts, np.repeat(last, np.diff(first))), first
