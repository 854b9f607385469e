"""A bundle's LSTM as a Keras model."""

from musicgen.bundle import Bundle
from musicgen.models.music_lstm import LstmShape, MusicLSTM
from musicgen.representation.vocabulary import Vocabulary


def bundled_lstm(bundle: Bundle) -> MusicLSTM:
    """Return the model with the bundle's weights, compiled for measuring."""
    described = bundle.model
    model = MusicLSTM(
        LstmShape(
            Vocabulary(**described["vocabulary"]),
            len(described["composers"]),
            len(described["ensembles"]),
            described["units"],
            described["layers"],
            described["embedding_dim"],
        )
    )
    model.set_arrays(bundle.weights)
    model.compile()
    return model
