"""Piano rolls as the GAN's batches."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from musicgen.errors import BadInput
from musicgen.music.family import Family
from musicgen.preprocess.dataset import Dataset
from musicgen.representation.pianoroll import PITCHES, SHAPE
from musicgen.training.labels import label_indices

LOWEST_SHIFT = -5
HIGHEST_SHIFT = 6
"""Semitones by which rolls are transposed, as far as no note falls off the roll."""

_CELLS = int(np.prod(SHAPE))
_STRIDE = 2 * len(Family)  # of two pitches in flat cell indices


@dataclass(frozen=True)
class Rolls:
    """The piano rolls of one split, as the table holds them.

    Attributes:
        cells: flat indices of the set cells of all rolls, one roll after the other, ``int32``.
        bounds: roll ``r`` has ``cells[bounds[r]:bounds[r + 1]]``, shape ``(R + 1,)``.
        composer: conditioning index by roll ``(R,)``, ``int32``.
        ensemble: conditioning index by roll ``(R,)``, ``int32``.
        tempo_qpm: by roll ``(R,)``.
    """

    cells: np.ndarray
    bounds: np.ndarray
    composer: np.ndarray
    ensemble: np.ndarray
    tempo_qpm: np.ndarray

    @classmethod
    def read(cls, dataset: Dataset, split: str) -> "Rolls":
        """Read a split of the table ``pianorolls``.

        Raises:
            BadInput: the split holds no roll.
        """
        columns = ("composer", "ensemble", "tempo_qpm", "cells")
        table = dataset.table("pianorolls", columns, split)
        if not len(table):
            raise BadInput(
                f"{dataset.uri} has no {split} excerpt of four bars in 4/4; take a larger corpus."
            )
        cells = table["cells"].combine_chunks()
        return cls(
            cells.flatten().to_numpy(),
            np.concatenate([[0], np.cumsum(cells.value_lengths().to_numpy())]),
            label_indices(table["composer"], dataset.composers),
            label_indices(table["ensemble"], dataset.ensembles),
            table["tempo_qpm"].to_numpy(),
        )

    def __len__(self) -> int:
        return len(self.composer)

    def dense(self, rows: np.ndarray) -> np.ndarray:
        """Return rolls as ``bool`` of shape ``(rows, *SHAPE)``."""
        rolls = np.zeros((len(rows), _CELLS), bool)
        for roll, row in zip(rolls, rows, strict=True):
            roll[self.cells[self.bounds[row] : self.bounds[row + 1]]] = True
        return rolls.reshape(-1, *SHAPE)

    def some(self, ensemble: int, most: int, random: np.random.Generator) -> np.ndarray:
        """Return rows of an ensemble, drawn at random, in order.

        Nobody names ensemble 0, so it is all music, as is one that no roll has.
        """
        of_it = np.flatnonzero(self.ensemble == ensemble)
        rows = of_it if ensemble and len(of_it) else np.arange(len(self))
        return np.sort(random.permutation(rows)[:most])

    def shares(self, balance: float) -> np.ndarray:
        """Return how often each roll is drawn, ``(R,)``, 1 in all.

        An ensemble that has a share of the rolls is drawn as often as that share to the power of
        ``1 - balance`` says, so that a few solos among many quartets are learned too.
        """
        counts = np.bincount(self.ensemble)
        weights = counts[self.ensemble].astype(np.float64) ** -balance
        return weights / weights.sum()

    def shift_ranges(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the lowest and highest shift of each roll in semitones, ``int32``."""
        pitches = self.cells // _STRIDE % PITCHES
        lowest = np.minimum.reduceat(pitches, self.bounds[:-1])
        highest = np.maximum.reduceat(pitches, self.bounds[:-1])
        return (
            np.maximum(LOWEST_SHIFT, -lowest).astype(np.int32),
            np.minimum(HIGHEST_SHIFT, PITCHES - 1 - highest).astype(np.int32),
        )


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
            taken = tf.gather(cells, rows) + _STRIDE * shift[:, None]
            roll_of = tf.cast(taken.value_rowids(), tf.int32)
            places = tf.stack([roll_of, taken.values], 1)
            shape = [self.batch_size, _CELLS]
            roll = tf.scatter_nd(places, tf.ones_like(taken.values, tf.float32), shape)
            return {
                "roll": tf.reshape(roll, [self.batch_size, *SHAPE]),
                "composer": tf.gather(composer, rows),
                "ensemble": tf.gather(ensemble, rows),
                "latent": tf.random.stateless_normal([self.batch_size, self.latent_dim], seed),
            }

        return make
