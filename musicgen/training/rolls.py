"""The piano rolls of a split."""

from dataclasses import dataclass

import numpy as np

from musicgen.errors import BadInput
from musicgen.music.family import Family
from musicgen.preprocess.dataset import Dataset
from musicgen.representation.pianoroll import PITCHES, SHAPE
from musicgen.training.labels import label_indices

LOWEST_SHIFT = -5
HIGHEST_SHIFT = 6
"""Semitones by which rolls are transposed, as far as no note falls off the roll."""

CELLS = int(np.prod(SHAPE))
STRIDE = 2 * len(Family)
"""Cells of a roll, and how far apart the flat indices of two pitches are."""


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
        rolls = np.zeros((len(rows), CELLS), bool)
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
        pitches = self.cells // STRIDE % PITCHES
        lowest = np.minimum.reduceat(pitches, self.bounds[:-1])
        highest = np.maximum.reduceat(pitches, self.bounds[:-1])
        return (
            np.maximum(LOWEST_SHIFT, -lowest).astype(np.int32),
            np.minimum(HIGHEST_SHIFT, PITCHES - 1 - highest).astype(np.int32),
        )
