"""The LSTM's options: apart from its recipe, which imports TensorFlow."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LstmOptions:
    """What the LSTM adds to ``TrainingConfig``.

    Attributes:
        units: size of each layer's state.
        layers: number of LSTM layers.
        embedding_dim: size of the embeddings.
        window_tokens: length of training windows.
        valid_window_tokens: length of validation windows; the state is zero at their beginning.
        valid_windows: at most; evenly spread over the valid pieces.
        embedding_dropout: share of the summed embeddings' dimensions, 0–1.
        hidden_dropout: share of the layers' output dimensions, 0–1.
        recurrent_dropout: share of the recurrent kernels' entries, 0–1.
        unknown_share: share of windows shown without labels, 0–0.3; see ``Windows.train``.
        transpose: train in all keys.
        weight_decay: of AdamW, biases excepted.
        clip_norm: largest norm of a step's gradients.
        averaging: decay of the weights' moving average, which is what is kept; 0 keeps the last.
    """

    units: int = 256
    layers: int = 2
    embedding_dim: int = 256
    window_tokens: int = 256
    valid_window_tokens: int = 1024
    valid_windows: int = 128
    embedding_dropout: float = 0.1
    hidden_dropout: float = 0.1
    recurrent_dropout: float = 0.0
    unknown_share: float = 0.1
    transpose: bool = True
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    averaging: float = 0.0
