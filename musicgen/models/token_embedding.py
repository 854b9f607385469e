"""Embedding of note tokens as sums of what a note is."""

import random

import keras
import numpy as np
import tensorflow as tf

from musicgen.representation.vocabulary import SPECIAL_TOKENS, Vocabulary


@keras.saving.register_keras_serializable("musicgen")
class TokenEmbedding(keras.layers.Layer):
    """A row for each token: of its own, plus those of its pitch, family and state.

    What tokens share they need not learn each for itself: a held note is the struck note gone on, a
    pitch is the same on strings and on a piano.

    Args:
        vocabulary: the alphabet.
        width: of a row.
        scale: first values are uniform between −scale and scale.
        seed: of the first values.
    """

    def __init__(self, vocabulary: Vocabulary, width: int, scale: float, seed: int, **kwargs):
        super().__init__(**kwargs)
        pitches = vocabulary.high_pitch - vocabulary.low_pitch + 1
        sizes = {
            "tokens": vocabulary.size,
            "pitches": pitches,
            "families": vocabulary.families,
            "states": vocabulary.states,
        }
        draw = random.Random(seed)
        for name, rows in sizes.items():
            initial = keras.initializers.RandomUniform(-scale, scale, draw.getrandbits(31))
            setattr(self, name, self.add_weight((rows, width), initial, name=name))
        self.built = True

    def table(self) -> tf.Tensor:
        """Return all rows, shape ``(V, width)``."""
        return tf.convert_to_tensor(self.tokens) + self._shared()

    def set_table(self, rows: np.ndarray) -> None:
        """Make ``table`` return exactly these rows; what they share is learnt from there."""
        self.tokens.assign(rows)
        for shared in (self.pitches, self.families, self.states):
            shared.assign(np.zeros(shared.shape, np.float32))

    def _shared(self) -> tf.Tensor:
        """Return the sums of pitch, family and state; 0 for tokens that are no notes."""
        pitches, families, states = (
            tf.convert_to_tensor(x) for x in (self.pitches, self.families, self.states)
        )
        notes = pitches[:, None, None] + families[None, :, None] + states[None, None]
        notes = tf.reshape(notes, [-1, pitches.shape[1]])
        return tf.pad(notes, [[SPECIAL_TOKENS, 0], [0, 0]])
