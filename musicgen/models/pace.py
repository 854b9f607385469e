"""How fast music moves: how much of its motion each level of time has."""

import keras
import numpy as np
import tensorflow as tf


@keras.saving.register_keras_serializable("musicgen")
class Pace(keras.layers.Layer):
    """Gains of the levels of time, by ensemble, composer and piece.

    Their squares sum to 1, so that normals that are weighed by them and added up keep their
    variance: a solo flute moves with every step, a quartet hardly before the beat, and either has
    slow pieces and quick ones.

    Args:
        composers: number of composers.
        shares: of the variance, by ensemble and level ``(E, LEVELS)``; what the weights start from.
        variety: from piece to piece, of the shares' logarithms ``(E, PACES, LEVELS)``.
    """

    def __init__(self, composers: int, shares: np.ndarray, variety: np.ndarray, **kwargs) -> None:
        super().__init__(dtype="float32", **kwargs)
        self._composers = composers
        self._shares = shares
        self._variety = variety

    def build(self, *_) -> None:
        """Create the weights."""
        rows = np.log(np.maximum(self._shares, 1e-12)) - raised(self._variety)
        self.of_ensemble = self._weight("of_ensemble", rows)
        self.variety = self._weight("variety_of_ensemble", self._variety)
        self.of_composer = self.add_weight(
            (self._composers, rows.shape[1]), "zeros", name="of_composer"
        )

    def call(self, piece, composer, ensemble):
        """Return the gains ``(B, LEVELS, 1, 1)`` for pieces ``(B, PACES)`` and labels ``(B,)``."""
        logits = tf.gather(self.of_ensemble, ensemble) + tf.gather(self.of_composer, composer)
        logits += tf.einsum("bp,bpl->bl", piece, tf.gather(self.variety, ensemble))
        return tf.sqrt(tf.nn.softmax(logits))[..., None, None]

    def _weight(self, name: str, value: np.ndarray) -> keras.Variable:
        initial = keras.initializers.Constant(value.astype(np.float32))
        return self.add_weight(value.shape, initial, name=name)


def raised(variety: np.ndarray) -> np.ndarray:
    """Return by how much variety ``(E, PACES, LEVELS)`` raises logarithms of means ``(E, LEVELS)``.

    What varies by a normal's exponential is higher in the mean than what does not.
    """
    return np.square(variety).sum(1) / 2
