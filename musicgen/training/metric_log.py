"""Metrics by step, sent to MLflow once each."""

import time
from typing import TYPE_CHECKING, Any

import keras

from musicgen.training.config import TrainingConfig
from musicgen.training.machine import Machine
from musicgen.training.outbox import Outbox

if TYPE_CHECKING:
    from musicgen.training.tracked_run import TrackedRun

POINTS_PER_EPOCH = 10
RUNNING = ("nats_per_token", "critic_loss", "generator_loss")
"""What optimizers minimise, under names that mean the same in all runs.

Keras's own ``loss``, nats in one family and a sum of two losses in the other, is not logged.
"""


class MetricLog(keras.callbacks.Callback):
    """Logs the epoch's metrics and what they took of the machine; losses and rate more often.

    The step of all of them is the number of gradient steps taken. Rows leave in one batch an epoch,
    in the background; a server that is away gets them later. A resumed training hands in all rows
    again, and those that the server has already are left out.

    Args:
        run: where to send them.
        outbox: takes them there.
        config: of the training.
        rows: what was logged before the training was resumed.

    Attributes:
        rows: key, value, time in milliseconds, step.
    """

    def __init__(
        self, run: "TrackedRun", outbox: Outbox, config: TrainingConfig, rows: list[list[Any]]
    ) -> None:
        super().__init__()
        self.rows = list(rows)
        self._run = run
        self._outbox = outbox
        self._config = config
        self._machine = Machine()
        self._arrived = run.logged_metrics()
        self._handed_in = 0
        self._every = max(1, config.steps_per_epoch // POINTS_PER_EPOCH)
        self._next = self._every
        self._epoch_step = 0

    def on_epoch_begin(self, epoch, logs=None):
        """Count steps from here."""
        self._epoch_step = epoch * self._config.steps_per_epoch
        self._next = self._every

    def on_train_batch_end(self, batch, logs=None):
        """Log the running losses now and then."""
        if batch + 1 < self._next or not logs:
            return
        self._next += self._every
        self._machine.sample()
        rate = float(self.model.optimizer.learning_rate.numpy())
        running = {f"running_{name}": logs[name] for name in RUNNING if name in logs}
        self._add({**running, "learning_rate": rate}, self._epoch_step + batch + 1)

    def on_epoch_end(self, epoch, logs=None):
        """Log the epoch's metrics and hand everything in."""
        left_out = ("learning_rate", "loss")
        logs = {name: value for name, value in (logs or {}).items() if name not in left_out}
        logs = {**logs, **self._machine.means(), "epoch": epoch + 1}
        self._add(logs, (epoch + 1) * self._config.steps_per_epoch)
        self.hand_in()

    def hand_in(self) -> None:
        """Send the rows that have not been sent."""
        fresh = self.rows[self._handed_in :]
        self._handed_in = len(self.rows)
        missing = [row for row in fresh if (row[0], row[3]) not in self._arrived]
        if missing:
            self._outbox.hand_in(lambda: self._run.log_metrics(missing))

    def _add(self, values: dict[str, Any], step: int) -> None:
        now = int(time.time() * 1000)
        self.rows += [[name, float(value), now, step] for name, value in values.items()]
