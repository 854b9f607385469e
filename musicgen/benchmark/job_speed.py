"""A process of its own: the training job, or Keras's bare ``fit`` of the same. See ``training``."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

PITCHES_A_FRAME = 3
PIECES = {"train": 8, "valid": 1, "test": 1}
"""In each split; each is as long as a batch."""


def main(directory: str, kind: str, settings: str) -> None:
    """Print seconds as one JSON line: by the clock and of processor time, in all and an epoch.

    Args:
        directory: for everything that is written.
        kind: ``job`` or ``bare``.
        settings: of the training by name, as JSON.
    """
    # Before anything reads the environment: this must not end among anybody's runs.
    os.environ["MUSICGEN_HOME"] = directory
    os.environ["MUSICGEN_TRACKING_URI"] = f"sqlite:///{directory}/{kind}.db"
    chosen = json.loads(settings)
    started, processor_started = time.perf_counter(), time.process_time()
    measure = {"job": _job, "bare": _bare}[kind]
    seconds, processor_seconds = measure(_dataset(Path(directory).as_uri(), chosen), chosen)
    figures = {
        "total_seconds": time.perf_counter() - started,
        "total_processor_seconds": time.process_time() - processor_started,
        # The first epoch compiles.
        "epoch_seconds": float(np.mean(np.diff(seconds))),
        "epoch_processor_seconds": float(np.mean(processor_seconds[1:])),
    }
    print(json.dumps(figures), flush=True)


def _job(dataset_uri: str, chosen: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Return when each epoch ended, and the processor time that each took, as MLflow has them."""
    from musicgen.training.job import train
    from musicgen.training.tracking import Tracker

    bucket_uri = dataset_uri.rpartition("/datasets/")[0]
    run_id = train("lstm", dataset_uri, bucket_uri, profile="standard", overrides=chosen).run_id
    history = Tracker().client.get_metric_history(run_id, "system/processor_seconds")
    history = sorted(history, key=lambda metric: metric.step)
    return [metric.timestamp / 1000 for metric in history], [metric.value for metric in history]


def _bare(dataset_uri: str, chosen: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Do what ``_job`` does by ``fit`` alone: the same model, the same batches, in memory."""
    import keras
    import tensorflow as tf

    from musicgen.preprocess.dataset import Dataset
    from musicgen.training.config import load_plan
    from musicgen.training.lstm_recipe import LstmRecipe

    ends: list[tuple[float, float]] = []

    class Clock(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            ends.append((time.perf_counter(), time.process_time()))

    plan = load_plan("lstm", "standard", chosen)
    config = plan.training
    recipe = LstmRecipe(Dataset.open(dataset_uri), config, plan.options, seed=0)
    keras.utils.set_random_seed(0)
    model = recipe.build()
    batches = list(recipe.train_data(0).take(config.total_steps))
    inputs, targets = tf.nest.map_structure(lambda *x: tf.stack(x), *batches)
    model.fit(
        tf.data.Dataset.from_tensor_slices((inputs, targets)),
        validation_data=recipe.valid_data(),
        epochs=config.epochs,
        steps_per_epoch=config.steps_per_epoch,
        callbacks=[Clock()],
        verbose=0,
    )
    seconds, processor_seconds = zip(*ends, strict=True)
    return list(seconds), [0.0, *np.diff(processor_seconds)]


def _dataset(bucket_uri: str, chosen: dict[str, Any]) -> str:
    """Return the URI of a dataset of noise, whose pieces are as long as a batch."""
    from musicgen.benchmark.frames import VOCABULARY, frames_dataset

    random = np.random.default_rng(0)
    frames = chosen["batch_size"] * chosen["window_tokens"] // (PITCHES_A_FRAME + 1)
    pitches = np.arange(VOCABULARY.low_pitch, VOCABULARY.high_pitch + 1)

    def piece() -> list[list[int]]:
        return [
            random.choice(pitches, PITCHES_A_FRAME, replace=False).tolist() for _ in range(frames)
        ]

    splits = {split: [piece() for _ in range(count)] for split, count in PIECES.items()}
    return frames_dataset(splits, "noise", bucket_uri)


if __name__ == "__main__":
    main(*sys.argv[1:])
