"""How far generated rolls are from real ones, in musical terms, cheaply enough for every epoch."""

import keras
import tensorflow as tf

from musicgen.models.roll_histograms import SIZES, histograms


class RollDistance(keras.metrics.Metric):
    """Energy coefficient of inhomogeneity of generated and real rolls: about 0 (alike) to 1.

    Each roll has histograms of its own (``roll_histograms``), and of each, ``2 E d(X, Y) - E d(X,
    X') - E d(Y, Y')`` is a share of ``2 E d(X, Y)`` (Székely and Rizzo 2013), as in the score of
    ``musicgen evaluate``: unlike histograms of all rolls together, it tells pieces that each keep
    to a key from pieces that share out all keys, and one piece played over and over from many.
    The result is a dict: ``distance``, the mean over all histograms, and ``distance_<name>`` of
    each. Pairs are those within a batch; batches of unlike rolls, all equally large, come in.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self._sums = {
            key: self.add_weight(shape=(2,), initializer="zeros", name=f"sums_{key}")
            for key in SIZES
        }

    def update_state(self, real: tf.Tensor, made: tf.Tensor) -> None:
        """Compare two batches of binary rolls ``(B, 64, 84, 4, 2)``."""
        counts = histograms(real), histograms(made)
        for key, sums in self._sums.items():
            x, y = (tf.math.divide_no_nan(c[key], _total(c[key])) for c in counts)
            between = 2 * tf.reduce_mean(_apart(x, y))
            sums.assign_add(tf.stack([between - _inside(x) - _inside(y), between]))

    def result(self) -> dict[str, tf.Tensor]:
        """Return the distances; 0 where there was nothing to tell apart."""
        found = {
            f"{self.name}_{key}": tf.math.divide_no_nan(*tf.unstack(tf.convert_to_tensor(sums)))
            for key, sums in self._sums.items()
        }
        return {self.name: sum(found.values()) / len(found), **found}


def _total(counts: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(counts, -1, keepdims=True)


def _apart(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Return the distances of all rows of the one from all of the other."""
    return tf.reduce_sum(tf.abs(x[:, None] - y), -1)


def _inside(x: tf.Tensor) -> tf.Tensor:
    """Return the mean distance of two different rows."""
    rows = tf.cast(tf.shape(x)[0], tf.float32)
    return tf.math.divide_no_nan(tf.reduce_sum(_apart(x, x)), rows * (rows - 1))
