"""A process of its own: how fast Keras trains an LSTM. See ``training``."""

import json
import statistics
import sys
import time

import keras
import numpy as np
import tensorflow as tf

from musicgen.models.hoisted_lstm import HoistedLSTM

REPEATS = 7


def main(units: int, layers: int, tokens: int, batch_size: int, steps: int) -> None:
    """Print as JSON, by kind of layer: tokens a second of processor time, and by the clock."""
    speeds = {
        name: _speed(kind, units, layers, tokens, batch_size, steps)
        for name, kind in (("stock", keras.layers.LSTM), ("ours", HoistedLSTM))
    }
    print(json.dumps(speeds), flush=True)


def _speed(kind, units: int, layers: int, tokens: int, batch_size: int, steps: int) -> list:
    model = keras.Sequential(
        [
            keras.Input((steps,), batch_size=batch_size, dtype="int32"),
            keras.layers.Embedding(tokens, units),
            *[kind(units, return_sequences=True) for _ in range(layers)],
            keras.layers.Dense(tokens),
        ]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(True), jit_compile=False)
    data = np.random.default_rng(0).integers(0, tokens, (2, batch_size, steps)).astype(np.int32)
    batches = tf.data.Dataset.from_tensors(tuple(map(tf.constant, data))).repeat()
    model.fit(batches, steps_per_epoch=2, verbose=0)
    seconds = []
    for _ in range(REPEATS):
        started = time.process_time(), time.perf_counter()
        model.fit(batches, steps_per_epoch=2, verbose=0)
        ended = time.process_time(), time.perf_counter()
        seconds.append([(b - a) / 2 for a, b in zip(started, ended, strict=True)])
    return [batch_size * steps / statistics.median(each) for each in zip(*seconds, strict=True)]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
