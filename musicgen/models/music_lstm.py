"""MusicLSTM: predicts a piece of music token by token."""

import random
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from musicgen.errors import BadInput
from musicgen.models.hoisted_lstm import HoistedLSTM
from musicgen.models.lstm_shape import POSITIONS, TRANSPOSITIONS, LstmShape
from musicgen.models.ratio import Ratio
from musicgen.models.token_embedding import TokenEmbedding
from musicgen.representation.vocabulary import END_OF_FRAME, PAD, SPECIAL_TOKENS

SCALE = 0.5
"""First embeddings are uniform between −SCALE and SCALE. At 0.1 learning takes twice the steps."""


@dataclass(frozen=True)
class Dropout:
    """Shares that are dropped in training, 0–1.

    Attributes:
        embedding: of the summed embeddings' dimensions.
        hidden: of each layer's output dimensions.
        recurrent: of the recurrent kernels' entries.
    """

    embedding: float = 0.0
    hidden: float = 0.0
    recurrent: float = 0.0


class MusicLSTM(keras.Model):
    """Sums five embeddings, runs LSTM layers, and predicts the next token.

    The input of a step is the token before and what is known of the token to come: its position in
    the bar, composer, ensemble, and by how much the piece was transposed. The output matrix is the
    token embedding's transpose (Press and Wolf 2017). Dropout masks are the same at all steps of a
    sequence (Gal and Ghahramani 2016).

    Inputs are a dict: ``tokens_before`` and ``positions`` ``(B, T)``, ``composer``, ``ensemble``
    and ``transposition`` ``(B,)``, all ``int32``. Outputs are logits ``(B, T, V)``, ``float32``.
    """

    def __init__(self, shape: LstmShape, dropout: Dropout = Dropout(), seed: int = 0) -> None:
        super().__init__(name="music_lstm")
        self.shape = shape
        width = shape.embedding_dim
        draw = random.Random(seed)

        def next_seed() -> int:
            return draw.getrandbits(31)

        def embedding(rows: int, name: str) -> keras.layers.Embedding:
            initial = keras.initializers.RandomUniform(-SCALE, SCALE, next_seed())
            return keras.layers.Embedding(rows, width, initial, name=name)

        self.token_embedding = TokenEmbedding(shape.vocabulary, width, SCALE, next_seed())
        self.position_embedding = embedding(POSITIONS, "position_embedding")
        self.composer_embedding = embedding(shape.composers, "composer_embedding")
        self.ensemble_embedding = embedding(shape.ensembles, "ensemble_embedding")
        self.transposition_embedding = embedding(TRANSPOSITIONS, "transposition_embedding")

        self.embedding_dropout = _locked_dropout(dropout.embedding, next_seed())
        self.lstms = [
            HoistedLSTM(
                shape.units,
                weight_dropout=dropout.recurrent,
                seed=next_seed(),
                return_sequences=True,
                name=f"lstm_{index}",
            )
            for index in range(shape.layers)
        ]
        self.hidden_dropouts = [_locked_dropout(dropout.hidden, next_seed()) for _ in self.lstms]
        self.projection = keras.layers.Dense(width, name="projection")
        self.nats_per_token = Ratio("nats_per_token")
        self.nats_per_frame = Ratio("nats_per_frame")
        self.nats_per_note = Ratio("nats_per_note")
        self.build()

    def build(self, input_shape=None) -> None:
        """Create all weights; shapes are known from the start."""
        if self.built:
            return
        self.output_bias = self.add_weight(
            shape=(self.shape.vocabulary.size,),
            initializer="zeros",
            autocast=False,  # logits are float32 whatever the layers compute in
            name="output_bias",
        )
        tokens, labels = np.zeros((1, 2), np.int32), np.zeros(1, np.int32)
        self.built = True
        self(
            {
                "tokens_before": tokens,
                "positions": tokens,
                "composer": labels,
                "ensemble": labels,
                "transposition": labels,
            }
        )

    def call(self, inputs, training=False):
        """Return the logits of the token at each step."""
        table = self._token_table()
        hidden = self.embedding_dropout(self._embedded(inputs, table), training=training)
        for lstm, dropout in zip(self.lstms, self.hidden_dropouts, strict=True):
            hidden = dropout(lstm(hidden, training=training), training=training)
        return self._logits(hidden, table)

    def first_states(self, batch_size: int) -> list[list[tf.Tensor]]:
        """Return the states ``(B, U)`` of each layer before a piece begins."""
        zeros = tf.zeros([batch_size, self.shape.units], self.compute_dtype)
        return [[zeros, zeros] for _ in self.lstms]

    def carry_on(self, inputs, states):
        """Return the logits as ``call`` does, from given states on, and the states after.

        For pieces too long for one call; dropout is off.
        """
        table = self._token_table()
        hidden = self._embedded(inputs, table)
        after = []
        for lstm, state in zip(self.lstms, states, strict=True):
            _, hidden, state = lstm.inner_loop(hidden, state, None)
            after.append(state)
        return self._logits(hidden, table), after

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the batch's mean nats per token; padding counts neither here nor in metrics.

        A note is a struck note token; the nats of all tokens, ends of frames included, are spread
        over frames or notes.
        """
        is_counted = y != PAD
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(y, y_pred)
        total = tf.reduce_sum(tf.where(is_counted, nats, 0.0))
        tokens = _count(is_counted)
        states = self.shape.vocabulary.states
        is_struck = (y >= SPECIAL_TOKENS) & ((y - SPECIAL_TOKENS) % states == 0)
        self.nats_per_token.update_state(total, tokens)
        self.nats_per_frame.update_state(total, _count(y == END_OF_FRAME))
        self.nats_per_note.update_state(total, _count(is_struck))
        # Keras adds up the replicas' gradients, so each takes its share of the mean.
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        return tf.math.divide_no_nan(total, tokens) / replicas

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the weights by the names that ``docs/ARCHITECTURE.md`` gives them."""
        named = self._named_variables().items()
        return {
            "token_embedding": self.token_embedding.table().numpy(),
            **{name: variable.numpy() for name, variable in named},
        }

    def set_arrays(self, arrays: dict[str, np.ndarray]) -> None:
        """Set the weights from arrays as ``arrays`` returns them.

        Raises:
            BadInput: an array is missing or of another shape.
        """
        for name, current in self.arrays().items():
            if name not in arrays or arrays[name].shape != current.shape:
                found = arrays[name].shape if name in arrays else "nothing"
                raise BadInput(
                    f"The model to start from has {found} for {name}, this one {current.shape}; "
                    "train with the units, layers and embedding_dim of that model."
                )
        self.token_embedding.set_table(arrays["token_embedding"])
        for name, variable in self._named_variables().items():
            variable.assign(arrays[name])

    def _token_table(self) -> tf.Tensor:
        return tf.cast(self.token_embedding.table(), self.compute_dtype)

    def _embedded(self, inputs, token_table: tf.Tensor) -> tf.Tensor:
        """Return the sums of the five embeddings ``(B, T, E)``."""
        labels = (
            self.composer_embedding(inputs["composer"])
            + self.ensemble_embedding(inputs["ensemble"])
            + self.transposition_embedding(inputs["transposition"])
        )
        return (
            tf.gather(token_table, inputs["tokens_before"])
            + self.position_embedding(inputs["positions"])
            + labels[:, None]
        )

    def _logits(self, hidden: tf.Tensor, token_table: tf.Tensor) -> tf.Tensor:
        logits = tf.matmul(self.projection(hidden), token_table, transpose_b=True)
        return tf.cast(logits, tf.float32) + self.output_bias

    def _named_variables(self) -> dict[str, keras.Variable]:
        embeddings = ("position", "composer", "ensemble", "transposition")
        named = {
            f"{name}_embedding": getattr(self, f"{name}_embedding").embeddings
            for name in embeddings
        }
        for index, lstm in enumerate(self.lstms):
            named[f"lstm_{index}_kernel"] = lstm.cell.kernel
            named[f"lstm_{index}_recurrent"] = lstm.cell.recurrent_kernel
            named[f"lstm_{index}_bias"] = lstm.cell.bias
        named["projection_kernel"] = self.projection.kernel
        named["projection_bias"] = self.projection.bias
        named["output_bias"] = self.output_bias
        return named


def _locked_dropout(rate: float, seed: int) -> keras.layers.Dropout:
    """Return dropout whose mask ``(B, 1, features)`` is the same at all steps."""
    return keras.layers.Dropout(rate, noise_shape=(None, 1, None), seed=seed)


def _count(is_counted: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.cast(is_counted, tf.float32))
