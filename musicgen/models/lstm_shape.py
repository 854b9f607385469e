"""What decides the arrays of a MusicLSTM; known without TensorFlow."""

from dataclasses import dataclass
from typing import Any

from musicgen.representation.vocabulary import Vocabulary

POSITIONS = 64
TRANSPOSITIONS = 12
NO_TRANSPOSITION = 6
"""Positions in the bar, keys (−6 … +5 semitones), and the index of the key as written."""


@dataclass(frozen=True)
class LstmShape:
    """What decides the arrays of a model.

    Attributes:
        vocabulary: the alphabet.
        composers: number of composers, ``unknown`` among them.
        ensembles: number of ensembles, ``unknown`` among them.
        units: size of each layer's state.
        layers: number of LSTM layers.
        embedding_dim: size of the embeddings.
    """

    vocabulary: Vocabulary
    composers: int
    ensembles: int
    units: int = 256
    layers: int = 2
    embedding_dim: int = 256

    @classmethod
    def of(cls, description: dict[str, Any]) -> "LstmShape":
        """Return the shape that a bundle's ``model.json`` describes."""
        return cls(
            Vocabulary(**description["vocabulary"]),
            len(description["composers"]),
            len(description["ensembles"]),
            description["units"],
            description["layers"],
            description["embedding_dim"],
        )
