"""How fast music moves: how much of its motion each level of time has."""

import keras
import numpy as np
import tensorflow as tf


@keras.saving.register_keras_serializable("musicgen")
class Pace(keras.layers.Layer):
    """Gains of the levels of time, by ensemble and composer.

    Their squares sum to 1, so that normals that are weighed by them and added up keep their
    variance: a solo flute moves with every step, a quartet hardly before the beat.

    Args:
        composers: number of composers.
        shares: of the variance, by ensemble and level ``(E, LEVELS)``; what the weights start from.
    """

    def __init__(self, composers: int, shares: np.ndarray, **kwargs) -> None:
        super().__init__(dtype="float32", **kwargs)
        self._composers = composers
        self._shares = shares

    def build(self, *_) -> None:
        """Create the weights."""
        rows = np.log(np.maximum(self._shares, 1e-12)).astype(np.float32)
        self.of_ensemble = self.add_weight(
            rows.shape, keras.initializers.Constant(rows), name="of_ensemble"
        )
        self.of_composer = self.add_weight(
            (self._composers, rows.shape[1]), "zeros", name="of_composer"
        )

    def call(self, composer, ensemble):
        """Return the gains ``(B, LEVELS, 1, 1)`` for labels ``(B,)``."""
        logits = tf.gather(self.of_ensemble, ensemble) + tf.gather(self.of_composer, composer)
        return tf.sqrt(tf.nn.softmax(logits))[..., None, None]
