"""Windows of token sequences as the LSTM's inputs and targets."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import tensorflow as tf

from musicgen.models.lstm_shape import NO_TRANSPOSITION, TRANSPOSITIONS
from musicgen.representation.vocabulary import END_OF_FRAME, PAD, SPECIAL_TOKENS, Vocabulary
from musicgen.training.pieces import Pieces
from musicgen.training.window_draws import WindowDraws

LOWEST_SHIFT = -NO_TRANSPOSITION
HIGHEST_SHIFT = TRANSPOSITIONS - 1 - NO_TRANSPOSITION


@dataclass(frozen=True)
class Windows:
    """Cuts windows out of pieces, by start; see ``MusicLSTM`` for the inputs.

    Attributes:
        pieces: where to cut.
        vocabulary: their alphabet.
        length: tokens in a window, at most.
    """

    pieces: Pieces
    vocabulary: Vocabulary
    length: int

    def train(
        self, batch_size: int, seed: int, first_step: int, unknown_share: float, shifted_steps: int
    ) -> tf.data.Dataset:
        """Return random windows without end, batch ``i`` being a function of seed and ``i`` alone.

        Windows begin at the beginning of a frame; see ``WindowDraws`` for which are drawn. Those of
        a batch are as long as the longest piece of their group, ``length`` at most.

        Args:
            batch_size: windows in a batch.
            seed: of all draws.
            first_step: the first ``i``.
            unknown_share: share of windows that are shown without composer and ensemble; as many
                again lack the one, and as many the other.
            shifted_steps: windows of batches before this one are shifted into random keys that the
                vocabulary can hold; later ones stay in their own.
        """
        windows = WindowDraws.of(self.pieces.tokens, self.pieces.bounds, self.length)
        lowest, highest = (tf.constant(x) for x in self.shift_ranges())
        cut = self._cutter()

        def batch(step):
            # One stateless draw, so that a resumed training meets the same batches.
            draws = tf.random.stateless_uniform(
                [5, batch_size], tf.stack([tf.cast(seed, tf.int64), step]), dtype=tf.float64
            )
            start, piece, length = windows.draw(draws[0, 0], draws[1], draws[2])
            low, high = tf.gather(lowest, piece), tf.gather(highest, piece)
            keys = tf.cast(high - low + 1, tf.float64)
            is_shifted = tf.cast(step < shifted_steps, tf.int32)
            shift = (low + tf.cast(draws[3] * keys, tf.int32)) * is_shifted
            inputs, targets = cut(start, piece, shift, length)
            has_composer = draws[4] >= 2 * unknown_share
            has_ensemble = (draws[4] < unknown_share) | (draws[4] >= 3 * unknown_share)
            inputs["composer"] *= tf.cast(has_composer, tf.int32)
            inputs["ensemble"] *= tf.cast(has_ensemble, tf.int32)
            return inputs, targets

        steps = tf.data.Dataset.range(first_step, np.iinfo(np.int64).max)
        return steps.map(batch, tf.data.AUTOTUNE, deterministic=True).prefetch(2)

    def valid(self, batch_size: int, most: int) -> tf.data.Dataset:
        """Return each piece from beginning to end, every token once, in its own key.

        Args:
            batch_size: windows in a batch.
            most: where there are more windows, this many of them, evenly spread.
        """
        bounds = self.pieces.bounds
        length = min(self.length, int(np.diff(bounds).max()))
        starts = [np.arange(a, b, length) for a, b in pairwise(bounds)]
        piece_of = np.repeat(np.arange(len(starts)), [len(x) for x in starts])
        starts = np.concatenate(starts)
        if len(starts) > most:
            kept = np.linspace(0, len(starts) - 1, most).astype(int)
            starts, piece_of = starts[kept], piece_of[kept]
        cut = self._cutter()
        windows = tf.data.Dataset.from_tensor_slices((starts, piece_of.astype(np.int32)))
        batches = windows.batch(batch_size).map(
            lambda start, piece: cut(start, piece, tf.zeros_like(piece), length)
        )
        return batches.cache().prefetch(2)

    def _cutter(self):
        """Return a function of starts, pieces, shifts ``(B,)`` and a length that cuts."""
        pieces, stride = self.pieces, self.vocabulary.stride
        tokens, positions, bounds, composer, ensemble = (
            tf.constant(x)
            for x in (
                pieces.tokens,
                pieces.positions,
                pieces.bounds,
                pieces.composer,
                pieces.ensemble,
            )
        )

        def cut(start, piece, shift, length):
            begin, end = tf.gather(bounds, piece), tf.gather(bounds, piece + 1)
            index = start[:, None] + tf.range(length, dtype=tf.int64)
            inside = tf.minimum(index, end[:, None] - 1)
            target = _shifted(tf.gather(tokens, inside), shift, stride)
            before = _shifted(tf.gather(tokens, tf.maximum(inside - 1, 0)), shift, stride)
            inputs = {
                "tokens_before": tf.where(index == begin[:, None], END_OF_FRAME, before),
                "positions": tf.gather(positions, inside),
                "composer": tf.gather(composer, piece),
                "ensemble": tf.gather(ensemble, piece),
                "transposition": shift + NO_TRANSPOSITION,
            }
            return inputs, tf.where(index < end[:, None], target, PAD)

        return cut

    def shift_ranges(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the lowest and highest shift of each piece in semitones, ``int32``."""
        pieces, vocabulary = self.pieces, self.vocabulary
        is_note = pieces.tokens >= SPECIAL_TOKENS
        pitch = (pieces.tokens - SPECIAL_TOKENS) // vocabulary.stride + vocabulary.low_pitch
        first = pieces.bounds[:-1]
        low = np.minimum.reduceat(np.where(is_note, pitch, vocabulary.high_pitch), first)
        high = np.maximum.reduceat(np.where(is_note, pitch, vocabulary.low_pitch), first)
        return (
            np.maximum(LOWEST_SHIFT, vocabulary.low_pitch - low).astype(np.int32),
            np.minimum(HIGHEST_SHIFT, vocabulary.high_pitch - high).astype(np.int32),
        )


def _shifted(tokens: tf.Tensor, shift: tf.Tensor, stride: int) -> tf.Tensor:
    return tokens + tf.where(tokens >= SPECIAL_TOKENS, shift[:, None] * stride, 0)
