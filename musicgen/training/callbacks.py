"""The callbacks of the training job, in the order in which they must be called."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras

from musicgen.bundle import Bundle
from musicgen.training.averaging import AveragedWeights, keeps_average
from musicgen.training.config import TrainingConfig
from musicgen.training.learning_rate import LearningRateSchedule
from musicgen.training.metric_log import MetricLog
from musicgen.training.progress import ShowProgress
from musicgen.training.recipe import Recipe
from musicgen.training.samples import Samples


@dataclass(frozen=True)
class Places:
    """Where callbacks write.

    Attributes:
        best_path: weights of the best epoch, on this machine.
        samples_path: directory of the sets of samples, on this machine.
        tensorboard_path: directory of the TensorBoard logs, on this machine.
        backup_uri: directory of the backup, in the bucket.
    """

    best_path: Path
    samples_path: Path
    tensorboard_path: Path
    backup_uri: str


def steering_callbacks(
    recipe: Recipe, model: keras.Model, config: TrainingConfig, best_path: Path
) -> list[keras.callbacks.Callback]:
    """Return the callbacks that have a say in training; all machines that train together run them.

    The schedule comes before whatever reads the rate; the average is in the model before anything
    keeps weights.
    """
    watched = {"monitor": recipe.monitor, "mode": "min"}
    averaging = [AveragedWeights()] if keeps_average(model.optimizer) else []
    return [
        keras.callbacks.TerminateOnNaN(raise_error=True),
        LearningRateSchedule(recipe.optimizers(model), config),
        *averaging,
        keras.callbacks.ReduceLROnPlateau(
            factor=config.plateau_factor, patience=config.plateau_patience, **watched
        ),
        keras.callbacks.ModelCheckpoint(
            str(best_path), save_best_only=True, save_weights_only=True, **watched
        ),
        keras.callbacks.EarlyStopping(patience=config.stopping_patience, **watched),
        keras.callbacks.History(),
    ]


def recording_callbacks(
    recipe: Recipe,
    config: TrainingConfig,
    places: Places,
    metric_log: MetricLog,
    bundle: Callable[[], Bundle],
    hand_in_samples: Callable[[Path, Bundle], None],
) -> list[keras.callbacks.Callback]:
    """Return the callbacks that tell of training; they come after those that steer it."""
    samples = Samples(
        bundle, config.samples_every, config.samples, places.samples_path, hand_in_samples
    )
    return [
        keras.callbacks.TensorBoard(str(places.tensorboard_path), write_graph=False),
        ShowProgress(recipe.family, recipe.monitor, config),
        metric_log,
        *([samples] if config.samples_every else []),
    ]
