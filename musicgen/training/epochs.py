"""The one training loop: Keras's ``fit``, from where a training stands to its last epoch."""

import time

import keras
import tensorflow as tf

from musicgen.errors import BadInput
from musicgen.training.backup import BackupAndRestore
from musicgen.training.backup_state import BackupState
from musicgen.training.config import TrainingConfig
from musicgen.training.recipe import Recipe


def run_epochs(
    recipe: Recipe,
    model: keras.Model,
    callbacks: list[keras.callbacks.Callback],
    state: BackupState | None,
    config: TrainingConfig,
) -> float:
    """Run what epochs are left and return the seconds spent in all.

    Args:
        recipe: gives the data.
        model: its model.
        callbacks: all of them, ``BackupAndRestore`` among them.
        state: what the training goes on from, or None.
        config: how many epochs there are, and how long each is.

    Raises:
        BadInput: the loss was not a number.
    """
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
