"""A bundle's LSTM as a Keras model."""

from musicgen.bundle import Bundle
from musicgen.models.lstm_shape import LstmShape
from musicgen.models.music_lstm import MusicLSTM


def bundled_lstm(bundle: Bundle) -> MusicLSTM:
    """Return the model with the bundle's weights, compiled for measuring."""
    model = MusicLSTM(LstmShape.of(bundle.model))
    model.set_arrays(bundle.weights)
    model.compile()
    return model
