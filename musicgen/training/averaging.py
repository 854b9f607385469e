"""Validate and keep the moving average of the weights instead of the last ones."""

import keras
import numpy as np


def keeps_average(optimizer: keras.optimizers.Optimizer | None) -> bool:
    """Whether an optimizer follows the weights with a moving average."""
    return bool(getattr(_unscaled(optimizer), "use_ema", False))


class AveragedWeights(keras.callbacks.Callback):
    """Puts the optimizer's moving average into the model from validation to the next epoch.

    Keras's ``SwapEMAWeights`` swaps by adding and subtracting, which rounds; this keeps a copy, so
    that training goes on from exactly the weights it had.

    Attributes:
        training_weights: what training goes on from while the average is in the model, else None.
    """

    def __init__(self) -> None:
        super().__init__()
        self.training_weights: list[np.ndarray] | None = None

    def on_test_begin(self, logs=None):
        """Put the average in."""
        if self.training_weights is not None:
            return
        variables = self.model.trainable_variables
        self.training_weights = [variable.numpy() for variable in variables]
        averages = _unscaled(self.model.optimizer)._model_variables_moving_average
        for variable, average in zip(variables, averages, strict=True):
            variable.assign(average.numpy())

    def on_epoch_begin(self, epoch, logs=None):
        """Take it out again."""
        if self.training_weights is None:
            return
        for variable, value in zip(
            self.model.trainable_variables, self.training_weights, strict=True
        ):
            variable.assign(value)
        self.training_weights = None


def _unscaled(optimizer):
    """Look inside the optimizer that scales losses for half precision."""
    return getattr(optimizer, "inner_optimizer", optimizer)
