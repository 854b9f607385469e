"""Composers and ensembles as conditioning indices, and those that no training music has."""

from dataclasses import replace
from typing import TypeVar

import numpy as np
import pyarrow as pa

LABELS = ("composer", "ensemble")

Music = TypeVar("Music")
"""A dataclass with an array of indices for each of ``LABELS``, index 0 being ``unknown``."""


def label_indices(column: pa.ChunkedArray, names: list[str]) -> np.ndarray:
    """Return the conditioning index of each row of a column, ``int32``."""
    index = {name: i for i, name in enumerate(names)}
    return np.array([index[name] for name in column.to_pylist()], np.int32)


def unmet(train: Music, kind: str, count: int) -> np.ndarray:
    """Return which of the ``count`` indices of a kind of label no training music has."""
    return np.setdiff1d(np.arange(count), [0, *getattr(train, kind)])


def as_met(music: Music, train: Music) -> Music:
    """Return music whose labels are ``unknown`` where no training music has them."""
    found = {kind: getattr(music, kind) for kind in LABELS}
    met = {kind: np.isin(indices, getattr(train, kind)) for kind, indices in found.items()}
    return replace(music, **{kind: indices * met[kind] for kind, indices in found.items()})
