"""Back up a training at the end of each epoch, so that a killed one resumes to the same result."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from musicgen.training.averaging import AveragedWeights
from musicgen.training.backup_state import BackupState
from musicgen.training.learning_rate import LearningRateSchedule

LOG = logging.getLogger(__name__)
REMEMBERED = {
    LearningRateSchedule: ("plateau", "last_rate"),
    keras.callbacks.ReduceLROnPlateau: ("best", "wait", "cooldown_counter"),
    keras.callbacks.EarlyStopping: ("best", "wait", "best_epoch", "stopped_epoch"),
    keras.callbacks.ModelCheckpoint: ("best",),
    keras.callbacks.History: ("epoch", "history"),
}
"""What callbacks know beyond the model: without it, a resumed training would stop elsewhere."""


def resumable(
    backup_uri: str,
    git_sha: str,
    model: keras.Model,
    optimizers: list[keras.optimizers.Optimizer],
) -> BackupState | None:
    """Return what a killed training of this code and this model left, None if nothing."""
    state = BackupState.load(backup_uri, git_sha)
    if state and not state.fits(_variables(model, optimizers)):
        LOG.info("Code for another model left %s; the training begins anew.", backup_uri)
        return None
    return state


class BackupAndRestore(keras.callbacks.Callback):
    """Saves a ``BackupState`` after each epoch and restores one when training begins.

    It stands in for Keras's callback of this name, which saves neither what the other callbacks
    know nor the best weights, and in several files that a kill can tear apart. It must be the last
    of the callbacks, so that the others have had their say about the epoch.

    Args:
        backup_uri: directory in the bucket.
        git_sha: of the running code.
        optimizers: of the model.
        callbacks: all the others.
        best_path: file of the best weights.
        metrics: returns the rows of the metric log.
        state: what to go on from, or None.
        writes: whether to save; helpers only restore.
    """

    def __init__(
        self,
        backup_uri: str,
        git_sha: str,
        optimizers: list[keras.optimizers.Optimizer],
        callbacks: list[keras.callbacks.Callback],
        best_path: Path,
        metrics: Callable[[], list[list[Any]]],
        state: BackupState | None,
        writes: bool = True,
    ) -> None:
        super().__init__()
        self._backup_uri = backup_uri
        self._git_sha = git_sha
        self._optimizers = optimizers
        self._callbacks = callbacks
        self._best_path = best_path
        self._metrics = metrics
        self._state = state
        self._writes = writes
        self._started = time.monotonic() - (state.seconds if state else 0.0)

    def on_train_begin(self, logs=None):
        """Restore model, optimizers, best weights and callbacks."""
        if self._state is None:
            return
        arrays = self._state.arrays
        for key, variable in _variables(self.model, self._optimizers):
            variable.assign(arrays[key])
        if "best" in arrays:
            self._best_path.write_bytes(arrays["best"].tobytes())
        for callback, names in self._remembering():
            for name in names:
                setattr(callback, name, self._state.callbacks[_class_name(callback)][name])
        averaging = self._averaging()
        if averaging and "training/0" in arrays:
            count = len(self.model.trainable_variables)
            averaging.training_weights = [arrays[f"training/{i}"] for i in range(count)]
        self._state = None

    def on_epoch_end(self, epoch, logs=None):
        """Save."""
        # Machines that train together must read together: a metric is a sum over all of them.
        arrays = {
            key: np.asarray(variable.numpy())
            for key, variable in _variables(self.model, self._optimizers)
        }
        if not self._writes:
            return
        averaging = self._averaging()
        if averaging and averaging.training_weights:
            kept = averaging.training_weights
            arrays.update({f"training/{i}": value for i, value in enumerate(kept)})
        if self._best_path.exists():
            arrays["best"] = np.frombuffer(self._best_path.read_bytes(), np.uint8)
        remembered = {
            _class_name(callback): {name: getattr(callback, name) for name in names}
            for callback, names in self._remembering()
        }
        BackupState(
            git_sha=self._git_sha,
            epochs_done=epoch + 1,
            stopped=bool(self.model.stop_training),
            seconds=time.monotonic() - self._started,
            callbacks=remembered,
            metrics=self._metrics(),
            arrays=arrays,
        ).save(self._backup_uri)

    def _remembering(self):
        for callback in self._callbacks:
            for kind, names in REMEMBERED.items():
                if isinstance(callback, kind):
                    yield callback, names

    def _averaging(self) -> AveragedWeights | None:
        return next((c for c in self._callbacks if isinstance(c, AveragedWeights)), None)


def _variables(
    model: keras.Model, optimizers: list[keras.optimizers.Optimizer]
) -> Iterator[tuple[str, Any]]:
    for index, variable in enumerate(model.variables):
        yield f"model/{index}", variable
    for number, optimizer in enumerate(optimizers):
        for index, variable in enumerate(optimizer.variables):
            yield f"optimizer/{number}/{index}", variable


def _class_name(value: Any) -> str:
    return type(value).__name__
