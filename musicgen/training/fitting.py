"""Keras's ``fit`` with everything around it."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.settings import settings
from musicgen.training.backup import BackupAndRestore, resumable
from musicgen.training.backup_state import BackupState
from musicgen.training.callbacks import Places, recording_callbacks, steering_callbacks
from musicgen.training.checkpoints import checkpoint_uri
from musicgen.training.learning_room import PAGE, write_learning_room
from musicgen.training.metric_log import MetricLog
from musicgen.training.outbox import Outbox
from musicgen.training.provenance import git_sha
from musicgen.training.recipe import Recipe, recipe_class
from musicgen.training.samples import show_in_tensorboard
from musicgen.training.shares import shares
from musicgen.training.strategy import choose_strategy
from musicgen.training.task import Task
from musicgen.training.temperature import at_best_temperature
from musicgen.training.tracked_run import TrackedRun


@dataclass(frozen=True)
class Fitted:
    """A model after its last epoch.

    Attributes:
        bundle: the best epoch's model.
        metrics: of the best epoch.
        history: all epochs' metrics by name.
        seconds: spent in epochs.
        tensorboard_path: directory of the TensorBoard logs.
    """

    bundle: Bundle
    metrics: dict[str, float]
    history: dict[str, list[float]]
    seconds: float
    tensorboard_path: Path


def fit(
    task: Task, run: TrackedRun, outbox: Outbox, origin: dict[str, Any], directory: Path
) -> Fitted:
    """Train to the end, from the backup if there is one.

    Args:
        task: what to train.
        run: where metrics and samples go.
        outbox: takes them there.
        origin: provenance for the bundle.
        directory: for files that are of use during this training alone.

    Raises:
        BadInput: the loss was not a number.
    """
    config = task.plan.training
    places = Places(
        best_path=directory / "best.weights.h5",
        samples_path=directory / "samples",
        tensorboard_path=settings().home_path / "tensorboard" / task.training_id,
        backup_uri=task.backup_uri,
    )
    recipe, model = _prepared(task)
    optimizers = recipe.optimizers(model)
    state = resumable(places.backup_uri, origin["git_sha"], model, optimizers)
    learned = {"shares": shares(task.dataset)}

    def bundle() -> Bundle:
        parts = recipe.bundle_parts(model)
        return Bundle(task.family, parts.model | learned, parts.weights, parts.files, origin)

    def hand_in_samples(samples_path: Path, checkpoint: Bundle) -> None:
        checkpoint.save(checkpoint_uri(task.uri, samples_path.name))
        room_path = directory / "room"
        room_path.mkdir(exist_ok=True)
        (room_path / PAGE).write_bytes(write_learning_room(task))
        outbox.hand_in(lambda: run.log_files(room_path, None))
        step = int(samples_path.name.rpartition("-")[2]) * config.steps_per_epoch
        show_in_tensorboard(samples_path, places.tensorboard_path, step)
        outbox.hand_in(lambda: run.log_files(samples_path, f"samples/{samples_path.name}"))

    log = MetricLog(run, outbox, config, state.metrics if state else [])
    callbacks = [
        *steering_callbacks(recipe, model, config, places.best_path),
        *recording_callbacks(recipe, config, places, log, bundle, hand_in_samples),
    ]
    backup = BackupAndRestore(
        places.backup_uri,
        origin["git_sha"],
        optimizers,
        callbacks,
        places.best_path,
        lambda: log.rows,
        state,
    )
    seconds = _fit(recipe, model, [*callbacks, backup], state, config)
    log.hand_in()
    model.load_weights(places.best_path)
    history = _history(callbacks)
    metrics = _best(history, recipe.monitor)
    metrics["parameters"] = float(model.count_params())
    best = at_best_temperature(bundle(), recipe.temperatures, task.dataset, task.seed)
    if "temperature" in best.model:
        metrics["temperature"] = best.model["temperature"]
    return Fitted(best, metrics, history, seconds, places.tensorboard_path)


def assist(task: Task, directory: Path) -> tuple[dict[str, float], float]:
    """Train along with the chief, and leave nothing behind.

    Returns:
        The metrics of the best epoch and the seconds that training took.

    Raises:
        BadInput: the loss was not a number.
    """
    backup_uri, best_path, sha = task.backup_uri, directory / "best.weights.h5", git_sha()
    recipe, model = _prepared(task)
    optimizers = recipe.optimizers(model)
    state = resumable(backup_uri, sha, model, optimizers)
    callbacks = steering_callbacks(recipe, model, task.plan.training, best_path)
    backup = BackupAndRestore(
        backup_uri, sha, optimizers, callbacks, best_path, list, state, writes=False
    )
    seconds = _fit(recipe, model, [*callbacks, backup], state, task.plan.training)
    return _best(_history(callbacks), recipe.monitor), seconds


def _prepared(task: Task) -> tuple[Recipe, keras.Model]:
    """Return the recipe and its model, random numbers seeded and devices chosen."""
    config = task.plan.training
    strategy = choose_strategy()  # first of all: machines must meet before anything runs
    keras.utils.set_random_seed(task.seed)
    tf.config.experimental.enable_op_determinism()
    on_gpu = bool(tf.config.list_physical_devices("GPU"))
    half = config.mixed_precision and on_gpu
    keras.mixed_precision.set_global_policy("mixed_float16" if half else "float32")
    recipe = recipe_class(task.family)(task.dataset, config, task.plan.options, task.seed)
    with strategy.scope():
        model = recipe.build()
        if task.init_from:
            recipe.start_from(model, _origin(task))
    return recipe, model


def _origin(task: Task) -> Bundle:
    """Return the bundle to start from."""
    bundle = Bundle.load(task.init_from)
    if bundle.family != task.family:
        raise BadInput(
            f"{task.init_from} is a {bundle.family}; a {task.family} can only start from its like."
        )
    return bundle


def _fit(recipe, model, callbacks, state: BackupState | None, config) -> float:
    """Run what epochs are left and return the seconds spent in all."""
    epochs_done = state.epochs_done if state else 0
    spent = state.seconds if state else 0.0
    backup = next(c for c in callbacks if isinstance(c, BackupAndRestore))
    if state and (state.stopped or epochs_done >= config.epochs):
        backup.set_model(model)
        backup.on_train_begin()
        return spent
    started = time.monotonic()
    try:
        model.fit(
            _untuned(recipe.train_data(epochs_done * config.steps_per_epoch)),
            validation_data=_untuned(recipe.valid_data()),
            initial_epoch=epochs_done,
            epochs=config.epochs,
            steps_per_epoch=config.steps_per_epoch,
            callbacks=callbacks,
            shuffle=False,
            verbose=0,
        )
    except RuntimeError as error:
        if "NaN or Inf loss" not in str(error):
            raise
        raise BadInput(
            f"The loss of {recipe.family} was no longer a number. Train with a lower "
            "learning_rate; another try would end the same way."
        ) from None
    return spent + time.monotonic() - started


def _untuned(batches: tf.data.Dataset) -> tf.data.Dataset:
    """Return the batches without ``tf.data``'s tuner: to end, they would wait till it wakes.

    It sleeps a minute at a time after a while, and there is nothing for it to tune.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.with_options(options)


def _history(callbacks: list[keras.callbacks.Callback]) -> dict[str, list[float]]:
    return next(c for c in callbacks if isinstance(c, keras.callbacks.History)).history


def _best(history: dict[str, list[float]], monitor: str) -> dict[str, float]:
    """Return the metrics of the epoch with the lowest monitored one; it counts from 1."""
    best = min(range(len(history[monitor])), key=history[monitor].__getitem__)
    metrics = {name: float(values[best]) for name, values in history.items()}
    return {**metrics, "best_epoch": float(best + 1)}
