"""Pieces of music as token sequences, end to end."""

from dataclasses import dataclass

import numpy as np

from musicgen.errors import BadInput
from musicgen.preprocess.dataset import Dataset
from musicgen.training.labels import label_indices


@dataclass(frozen=True)
class Pieces:
    """The pieces of one split, end to end.

    Attributes:
        tokens: all tokens ``(N,)``, ``int32``.
        positions: steps in the bar ``(N,)``, ``int32``.
        bounds: piece ``p`` is ``bounds[p]:bounds[p + 1]``, shape ``(P + 1,)``.
        composer: conditioning index by piece ``(P,)``.
        ensemble: conditioning index by piece ``(P,)``.
        tempo_qpm: by piece ``(P,)``.
    """

    tokens: np.ndarray
    positions: np.ndarray
    bounds: np.ndarray
    composer: np.ndarray
    ensemble: np.ndarray
    tempo_qpm: np.ndarray

    @classmethod
    def read(cls, dataset: Dataset, split: str) -> "Pieces":
        """Read a split of the table ``sequences``.

        Raises:
            BadInput: the split holds no token.
        """
        columns = ("composer", "ensemble", "tokens", "positions", "tempo_qpm")
        table = dataset.table("sequences", columns, split)
        lengths = table["tokens"].combine_chunks().value_lengths().to_numpy()
        if not lengths.sum():
            raise BadInput(
                f"{dataset.uri} has no {split} piece; take a larger corpus or another split."
            )
        return cls(
            *(_flat(table[name]) for name in ("tokens", "positions")),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            label_indices(table["composer"], dataset.composers),
            label_indices(table["ensemble"], dataset.ensembles),
            table["tempo_qpm"].to_numpy(),
        )


def _flat(column) -> np.ndarray:
    return column.combine_chunks().flatten().to_numpy()
