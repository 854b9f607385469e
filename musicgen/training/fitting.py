"""Keras's ``fit`` with everything around it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from musicgen.bundle import Bundle
from musicgen.settings import settings
from musicgen.training.backup import BackupAndRestore, resumable
from musicgen.training.callbacks import Places, recording_callbacks, steering_callbacks
from musicgen.training.checkpoint_publisher import CheckpointPublisher
from musicgen.training.epochs import run_epochs
from musicgen.training.metric_log import MetricLog
from musicgen.training.outbox import Outbox
from musicgen.training.preparation import prepared
from musicgen.training.provenance import git_sha
from musicgen.training.shares import shares
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
    recipe, model = prepared(task)
    optimizers = recipe.optimizers(model)
    state = resumable(places.backup_uri, origin["git_sha"], model, optimizers)
    learned = {"shares": shares(task.dataset)}

    def bundle() -> Bundle:
        parts = recipe.bundle_parts(model)
        return Bundle(task.family, parts.model | learned, parts.weights, parts.files, origin)

    publisher = CheckpointPublisher(task, run, outbox, directory, places.tensorboard_path)
    log = MetricLog(run, outbox, config, state.metrics if state else [])
    callbacks = [
        *steering_callbacks(recipe, model, config, places.best_path),
        *recording_callbacks(recipe, config, places, log, bundle, publisher.publish),
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
    seconds = run_epochs(recipe, model, [*callbacks, backup], state, config)
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
    recipe, model = prepared(task)
    optimizers = recipe.optimizers(model)
    state = resumable(backup_uri, sha, model, optimizers)
    callbacks = steering_callbacks(recipe, model, task.plan.training, best_path)
    backup = BackupAndRestore(
        backup_uri, sha, optimizers, callbacks, best_path, list, state, writes=False
    )
    seconds = run_epochs(recipe, model, [*callbacks, backup], state, task.plan.training)
    return _best(_history(callbacks), recipe.monitor), seconds


def _history(callbacks: list[keras.callbacks.Callback]) -> dict[str, list[float]]:
    return next(c for c in callbacks if isinstance(c, keras.callbacks.History)).history


def _best(history: dict[str, list[float]], monitor: str) -> dict[str, float]:
    """Return the metrics of the epoch with the lowest monitored one; it counts from 1."""
    best = min(range(len(history[monitor])), key=history[monitor].__getitem__)
    metrics = {name: float(values[best]) for name, values in history.items()}
    return {**metrics, "best_epoch": float(best + 1)}
