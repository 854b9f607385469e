"""The LSTM's options: apart from its recipe, which imports TensorFlow."""

from dataclasses import dataclass

from musicgen.ranges import Ranged, ranged


@dataclass(frozen=True)
class LstmOptions(Ranged):
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
        own_key_share: share of the steps, at the end, that keep the pieces' own keys even so.
        weight_decay: of AdamW, biases excepted.
        clip_norm: largest norm of a step's gradients.
        averaging: decay of the weights' moving average, which is what is kept; 0 keeps the last.
    """

    units: int = ranged(256, 1)
    layers: int = ranged(2, 1)
    embedding_dim: int = ranged(256, 1)
    window_tokens: int = ranged(256, 2)
    valid_window_tokens: int = ranged(1024, 2)
    valid_windows: int = ranged(128, 1)
    embedding_dropout: float = ranged(0.1, 0, 0.95)
    hidden_dropout: float = ranged(0.1, 0, 0.95)
    recurrent_dropout: float = ranged(0.0, 0, 0.95)
    unknown_share: float = ranged(0.1, 0, 0.3)
    transpose: bool = True
    own_key_share: float = ranged(0.0, 0, 1)
    weight_decay: float = ranged(0.01, 0, 1)
    clip_norm: float = ranged(1.0, 1e-3)
    averaging: float = ranged(0.0, 0, 0.99999)
