"""A model that has learnt nothing, where only speed counts."""

from dataclasses import asdict

import numpy as np

from musicgen.bundle import Bundle
from musicgen.models.lstm_shape import POSITIONS, TRANSPOSITIONS
from musicgen.representation.vocabulary import Vocabulary


def fresh_lstm(units: int = 256, layers: int = 2, embedding_dim: int = 256) -> Bundle:
    """Return an LSTM's bundle with small random weights, always the same."""
    vocabulary = Vocabulary()
    random = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {
        "token_embedding": (vocabulary.size, embedding_dim),
        "position_embedding": (POSITIONS, embedding_dim),
        "composer_embedding": (1, embedding_dim),
        "ensemble_embedding": (1, embedding_dim),
        "transposition_embedding": (TRANSPOSITIONS, embedding_dim),
        "projection_kernel": (units, embedding_dim),
        "projection_bias": (embedding_dim,),
        "output_bias": (vocabulary.size,),
    }
    for layer in range(layers):
        shapes[f"lstm_{layer}_kernel"] = (units if layer else embedding_dim, 4 * units)
        shapes[f"lstm_{layer}_recurrent"] = (units, 4 * units)
        shapes[f"lstm_{layer}_bias"] = (4 * units,)
    model = {
        "vocabulary": asdict(vocabulary),
        "units": units,
        "layers": layers,
        "embedding_dim": embedding_dim,
        "positions": POSITIONS,
        "transpositions": TRANSPOSITIONS,
        "composers": ["unknown"],
        "ensembles": ["unknown"],
        "steps_per_quarter": 4,
        "tempo_qpm": 120.0,
    }
    weights = {
        name: random.normal(0, 0.05, shape).astype(np.float32) for name, shape in shapes.items()
    }
    return Bundle("lstm", model, weights)
