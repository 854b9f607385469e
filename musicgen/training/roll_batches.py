"""Piano rolls as the GAN's batches."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from musicgen.representation.pianoroll import SHAPE
from musicgen.training.rolls import CELLS, STRIDE, Rolls


@dataclass(frozen=True)
class RollBatches:
    """Makes the batches that ``MusicGAN`` takes, latent vectors among them.

    Attributes:
        rolls: where they come from.
        batch_size: rolls in a batch.
        latent_dim: size of the latent vectors.
        seed: of all draws.
    """

    rolls: Rolls
    batch_size: int
    latent_dim: int
    seed: int

    def train(
        self, first_step: int, unknown_share: float, transpose: bool, balance: float = 0.0
    ) -> tf.data.Dataset:
        """Return batches without end, batch ``i`` being a function of seed and ``i`` alone.

        Args:
            first_step: the first ``i``.
            unknown_share: share of the rolls that are shown without their composer; as many,
                drawn anew, without their ensemble.
            transpose: shift each roll into a random key.
            balance: 0 draws all rolls alike, 1 all ensembles; see ``Rolls.shares``.
        """
        reached = tf.constant(np.cumsum(self.rolls.shares(balance)))
        lowest, highest = (tf.constant(x) for x in self.rolls.shift_ranges())
        make = self._maker()

        def batch(step):
            # Stateless draws, so that a resumed training meets the same batches.
            seed = tf.stack([tf.cast(self.seed, tf.int64), step])
            draws = tf.random.stateless_uniform([4, self.batch_size], seed, dtype=tf.float64)
            rows = tf.minimum(tf.searchsorted(reached, draws[0]), len(self.rolls) - 1)
            low, high = tf.gather(lowest, rows), tf.gather(highest, rows)
            shift = low + tf.cast(draws[1] * tf.cast(high - low + 1, tf.float64), tf.int32)
            made = make(rows, shift * int(transpose), seed)
            made["composer"] *= tf.cast(draws[2] >= unknown_share, tf.int32)
            made["ensemble"] *= tf.cast(draws[3] >= unknown_share, tf.int32)
            return made

        steps = tf.data.Dataset.range(first_step, np.iinfo(np.int64).max)
        return steps.map(batch, tf.data.AUTOTUNE, deterministic=True).prefetch(2)

    def valid(self, most: int) -> tf.data.Dataset:
        """Return whole batches of rolls as they are, the same each time.

        Args:
            most: how many rolls at the most, drawn at random.
        """
        count = min(most, len(self.rolls)) // self.batch_size * self.batch_size
        order = np.random.default_rng(self.seed).permutation(len(self.rolls))
        # A split smaller than a batch makes one, in which rolls come again.
        rows = np.resize(order, max(count, self.batch_size)).reshape(-1, self.batch_size)
        make = self._maker()

        def batch(number, rows):
            return make(
                rows, tf.zeros_like(rows), tf.stack([tf.cast(self.seed, tf.int64), -number])
            )

        numbers = np.arange(1, len(rows) + 1)
        batches = tf.data.Dataset.from_tensor_slices((numbers, rows.astype(np.int32)))
        return batches.map(batch).prefetch(2)

    def _maker(self):
        """Return a function of rows, shifts ``(B,)`` and a seed ``(2,)`` that makes a batch."""
        cells = tf.RaggedTensor.from_row_splits(self.rolls.cells, self.rolls.bounds)
        composer, ensemble = tf.constant(self.rolls.composer), tf.constant(self.rolls.ensemble)

        def make(rows, shift, seed):
            taken = tf.gather(cells, rows) + STRIDE * shift[:, None]
            roll_of = tf.cast(taken.value_rowids(), tf.int32)
            places = tf.stack([roll_of, taken.values], 1)
            shape = [self.batch_size, CELLS]
            roll = tf.scatter_nd(places, tf.ones_like(taken.values, tf.float32), shape)
            return {
                "roll": tf.reshape(roll, [self.batch_size, *SHAPE]),
                "composer": tf.gather(composer, rows),
                "ensemble": tf.gather(ensemble, rows),
                "latent": tf.random.stateless_normal([self.batch_size, self.latent_dim], seed),
            }

        return make
