"""How far generated rolls are from real ones, in musical terms, cheaply enough for every epoch."""

import keras
import tensorflow as tf

from musicgen.models.roll_histograms import SIZES, histograms


class RollDistance(keras.metrics.Metric):
    """Total variation between the histograms of generated and real rolls, 0 (equal) to 1.

    The result is a dict: ``distance``, the mean over all histograms, and ``distance_<name>`` of
    each; see ``roll_histograms``. Histograms are added up over all batches before they are
    compared, so that the batch size does not matter.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self._real = {key: self._counts(f"real_{key}", size) for key, size in SIZES.items()}
        self._made = {key: self._counts(f"made_{key}", size) for key, size in SIZES.items()}

    def update_state(self, real: tf.Tensor, made: tf.Tensor) -> None:
        """Count two batches of binary rolls ``(B, 64, 84, 4, 2)``."""
        for counts, rolls in ((self._real, real), (self._made, made)):
            for key, found in histograms(rolls).items():
                counts[key].assign_add(found)

    def result(self) -> dict[str, tf.Tensor]:
        """Return the distances; 1 where there was nothing to count."""
        found = {
            f"{self.name}_{key}": _total_variation(self._real[key], self._made[key])
            for key in SIZES
        }
        return {self.name: sum(found.values()) / len(found), **found}

    def _counts(self, name: str, size: int) -> keras.Variable:
        return self.add_weight(shape=(size,), initializer="zeros", name=name)


def _total_variation(first, second) -> tf.Tensor:
    first, second = (tf.convert_to_tensor(counts) for counts in (first, second))
    shares = [tf.math.divide_no_nan(x, tf.reduce_sum(x)) for x in (first, second)]
    is_counted = (tf.reduce_sum(first) > 0) & (tf.reduce_sum(second) > 0)
    return tf.where(is_counted, tf.reduce_sum(tf.abs(shares[0] - shares[1])) / 2, 1.0)
