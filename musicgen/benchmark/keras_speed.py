"""A process of its own: the same model played by Keras alone. See ``generation``."""

import json
import statistics
import sys
import time

import numpy as np
import tensorflow as tf

from musicgen.benchmark.bundled_lstm import bundled_lstm
from musicgen.bundle import Bundle
from musicgen.representation.vocabulary import END_OF_FRAME

WINDOW_TOKENS = 128
PREDICTED_TOKENS = 20
STEPPED_TOKENS = 300
REPEATS = 5


def main(bundle_uri: str) -> None:
    """Print the figures as one JSON line."""
    model = bundled_lstm(Bundle.load(bundle_uri))
    figures = {
        "naive_tokens_per_second": _median(lambda: _predict(model, PREDICTED_TOKENS)),
        "keras_step_tokens_per_second": _median(lambda step=_step(model): _play(model, step)),
    }
    print(json.dumps(figures), flush=True)


def _median(play) -> float:
    """Return the median speed of repeats; the first call, which compiles, doesn't count."""
    play()
    speeds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        tokens = play()
        speeds.append(tokens / (time.perf_counter() - started))
    return statistics.median(speeds)


def _predict(model, count: int) -> int:
    """Predict each token from a window that moves on."""
    window = np.full((1, WINDOW_TOKENS), END_OF_FRAME, np.int32)
    label = np.zeros(1, np.int32)
    for _ in range(count):
        inputs = {
            "tokens_before": window,
            "positions": np.zeros_like(window),
            "composer": label,
            "ensemble": label,
            "transposition": label,
        }
        logits = model.predict(inputs, verbose=0)
        window = np.append(window[:, 1:], logits[:, -1].argmax(-1)[:, None], 1).astype(np.int32)
    return count


def _step(model):
    """Return a compiled step: token and states to the next token and states."""

    @tf.function
    def step(token, states):
        label = tf.zeros(1, tf.int32)
        table = model.token_embedding.table()
        hidden = (
            tf.gather(table, token)
            + model.position_embedding(label)
            + model.composer_embedding(label)
            + model.ensemble_embedding(label)
            + model.transposition_embedding(label)
        )
        after = []
        for lstm, state in zip(model.lstms, states, strict=True):
            hidden, state = lstm.cell(hidden, state)
            after.append(state)
        logits = tf.matmul(model.projection(hidden), table, transpose_b=True) + model.output_bias
        return tf.argmax(logits, -1, tf.int32), after

    return step


def _play(model, step) -> int:
    token = tf.constant([END_OF_FRAME])
    states = [[tf.zeros((1, model.shape.units))] * 2 for _ in model.lstms]
    for _ in range(STEPPED_TOKENS):
        token, states = step(token, states)
        token.numpy()  # a player must know each token
    return STEPPED_TOKENS


if __name__ == "__main__":
    main(sys.argv[1])
