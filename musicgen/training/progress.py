"""Progress on standard error: a bar on a terminal, otherwise a line for each epoch."""

import logging
import sys
import time

import keras
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from musicgen.training.config import TrainingConfig

LOG = logging.getLogger(__name__)
SILENCE_SECONDS = 20.0


class ShowProgress(keras.callbacks.Callback):
    """Shows how far training is and how well it does.

    Args:
        family: whose training.
        monitor: the metric to show; those of training and validation differ by ``val_``.
        config: of the training.
    """

    def __init__(self, family: str, monitor: str, config: TrainingConfig) -> None:
        super().__init__()
        self._family = family
        self._monitor = monitor
        self._config = config
        self._bar: Progress | None = None
        self._spoke = time.monotonic()
        self._words = ""

    def on_train_begin(self, logs=None):
        """Open the bar, if there is a terminal."""
        if not sys.stderr.isatty():
            return
        columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(stderr=True))
        self._task = self._bar.add_task(f"train {self._family}", total=self._config.total_steps)
        self._bar.start()

    def on_epoch_begin(self, epoch, logs=None):
        """Remember where the epoch began."""
        self._epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        """Move the bar, or speak after long silence."""
        if self._bar:
            done = self._epoch * self._config.steps_per_epoch + batch + 1
            self._bar.update(self._task, completed=done)
        elif time.monotonic() - self._spoke > SILENCE_SECONDS:
            self._say(f"step {batch + 1} of {self._config.steps_per_epoch}{self._words}")

    def on_epoch_end(self, epoch, logs=None):
        """Say how the epoch went."""
        logs = logs or {}
        name = self._monitor.removeprefix("val_").replace("_", " ")
        parts = [f"valid {logs[self._monitor]:.3f}"] if self._monitor in logs else []
        if self._monitor.removeprefix("val_") in logs:
            parts.append(f"train {logs[self._monitor.removeprefix('val_')]:.3f}")
        self._words = f": {name} {', '.join(parts)}" if parts else ""
        if self._bar:
            self._bar.update(self._task, description=f"train {self._family}{self._words}")
        else:
            self._say(f"done{self._words}")

    def on_train_end(self, logs=None):
        """Close the bar."""
        if self._bar:
            self._bar.stop()

    def _say(self, words: str) -> None:
        self._spoke = time.monotonic()
        LOG.info("%s epoch %d/%d %s", self._family, self._epoch + 1, self._config.epochs, words)
