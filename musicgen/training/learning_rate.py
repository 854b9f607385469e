"""The learning rate over time."""

import math

import keras

from musicgen.training.config import TrainingConfig


def rate_fraction(step: int, config: TrainingConfig) -> float:
    """Return the rate of a gradient step (from 0) as a fraction of the peak.

    It rises linearly over the warm-up, then falls along half a cosine to ``final_rate`` (Loshchilov
    and Hutter 2017, without restarts).
    """
    if step < config.warmup_steps:
        return (step + 1) / config.warmup_steps
    after = max(config.total_steps - config.warmup_steps, 1)
    progress = min((step - config.warmup_steps) / after, 1.0)
    return config.final_rate + (1 - config.final_rate) * (1 + math.cos(math.pi * progress)) / 2


class LearningRateSchedule(keras.callbacks.Callback):
    """Sets the rate of all optimizers before each step: peak × schedule × plateau.

    Whoever else changes the rate between two epochs, ``ReduceLROnPlateau`` that is, changes the
    plateau factor: the change stays in force while the schedule goes on.

    Attributes:
        plateau: product of all reductions so far.
        last_rate: the first optimizer's rate as it was set last.
    """

    def __init__(
        self, optimizers: list[keras.optimizers.Optimizer], config: TrainingConfig
    ) -> None:
        super().__init__()
        self.plateau = 1.0
        self._optimizers = optimizers
        self._peaks = [float(optimizer.learning_rate.numpy()) for optimizer in optimizers]
        self._config = config
        self._epoch_step = 0
        self.last_rate: float | None = None

    def on_epoch_begin(self, epoch, logs=None):
        """Take over what has been reduced since the last step."""
        current = float(self._optimizers[0].learning_rate.numpy())
        if self.last_rate is not None and current != self.last_rate:
            self.plateau *= current / self.last_rate
        self._epoch_step = epoch * self._config.steps_per_epoch

    def on_train_batch_begin(self, batch, logs=None):
        """Set the rates of this step."""
        factor = self.plateau * rate_fraction(self._epoch_step + batch, self._config)
        for optimizer, peak in zip(self._optimizers, self._peaks, strict=True):
            optimizer.learning_rate = peak * factor
        self.last_rate = float(self._optimizers[0].learning_rate.numpy())
