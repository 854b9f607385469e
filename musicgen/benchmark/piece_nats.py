"""What an LSTM finds surprising in pieces of any length, read whole."""

import numpy as np
import tensorflow as tf

from musicgen.models.lstm_shape import NO_TRANSPOSITION
from musicgen.models.music_lstm import MusicLSTM
from musicgen.representation.vocabulary import END_OF_FRAME, SPECIAL_TOKENS, Vocabulary
from musicgen.training.pieces import Pieces

CHUNK_TOKENS = 256
BATCH_TOKENS = CHUNK_TOKENS * 16
"""A call of the model reads so much; states are carried from one to the next."""


class PieceNats:
    """The surprise at every token of each piece, in its own key, from its first token on.

    Args:
        model: what predicts.
        pieces: what is to be predicted.
    """

    def __init__(self, model: MusicLSTM, pieces: Pieces) -> None:
        self._model = model
        self._pieces = pieces
        self._compiled = tf.function(self._chunk, reduce_retracing=True)

    def total(self, composer: np.ndarray, ensemble: np.ndarray) -> float:
        """Return the nats of all pieces together; arguments as ``by_token``."""
        return float(self.by_token(composer, ensemble).sum())

    def by_token(self, composer: np.ndarray, ensemble: np.ndarray) -> np.ndarray:
        """Return the nats of each token of the pieces, ``(N,)``, ``float64``.

        Args:
            composer: conditioning index by piece ``(P,)``; those of the pieces, or others.
            ensemble: the same for ensembles.
        """
        sizes = np.diff(self._pieces.bounds)
        order = np.argsort(-sizes, kind="stable")
        rows = BATCH_TOKENS // CHUNK_TOKENS
        batches = [order[start : start + rows] for start in range(0, len(order), rows)]
        found = np.zeros(len(self._pieces.tokens))
        for batch in batches:
            self._batch(batch, composer[batch], ensemble[batch], found)
        return found

    def _batch(
        self, batch: np.ndarray, composer: np.ndarray, ensemble: np.ndarray, found: np.ndarray
    ) -> None:
        """Put the nats of the pieces of a batch where their tokens are."""
        first, after = self._pieces.bounds[batch], self._pieces.bounds[batch + 1]
        states = self._model.first_states(len(batch))
        labels = [tf.constant(x, tf.int32) for x in (composer, ensemble)]
        for start in range(0, int((after - first).max()), CHUNK_TOKENS):
            index = first[:, None] + start + np.arange(CHUNK_TOKENS)
            is_inside = index < after[:, None]
            inside = np.minimum(index, after[:, None] - 1)
            before = self._pieces.tokens[np.maximum(inside - 1, 0)]
            nats, states = self._compiled(
                np.where(index == first[:, None], END_OF_FRAME, before),
                self._pieces.positions[inside],
                *labels,
                self._pieces.tokens[inside],
                states,
            )
            found[index[is_inside]] = nats.numpy()[is_inside]

    def _chunk(self, before, positions, composer, ensemble, targets, states):
        inputs = {
            "tokens_before": before,
            "positions": positions,
            "composer": composer,
            "ensemble": ensemble,
            "transposition": tf.fill(tf.shape(composer), NO_TRANSPOSITION),
        }
        logits, states = self._model.carry_on(inputs, states)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits), states


def sizes(tokens: np.ndarray, vocabulary: Vocabulary) -> tuple[int, int]:
    """Count frames, and notes where they are struck."""
    noted = tokens[tokens >= SPECIAL_TOKENS]
    _, _, is_held = vocabulary.notes(noted)
    return int((tokens == END_OF_FRAME).sum()), int((~is_held).sum())
