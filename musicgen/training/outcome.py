"""What a finished training leaves in MLflow."""

import logging
from pathlib import Path

from musicgen import storage
from musicgen.errors import MusicgenError
from musicgen.training.fitting import Fitted
from musicgen.training.learning_room import PAGE, write_learning_room
from musicgen.training.pictures import curves_png
from musicgen.training.samples import write_samples
from musicgen.training.task import Task
from musicgen.training.tracked_run import TrackedRun

LOG = logging.getLogger(__name__)
FINAL_SAMPLES = 4


def write_outcome(fitted: Fitted, task: Task, directory: Path) -> None:
    """Write ``outcome/``: bundle, a picture of the curves, the listening room, the best's music."""
    outcome_path = directory / "outcome"
    storage.download(task.bundle_uri, outcome_path / "bundle")
    (outcome_path / "curves.png").write_bytes(curves_png(fitted.history))
    try:
        write_samples(fitted.bundle, FINAL_SAMPLES, outcome_path / "samples" / "final")
        (outcome_path / PAGE).write_bytes(write_learning_room(task, fitted.bundle))
    except MusicgenError as error:
        LOG.warning("The trained model made no samples: %s", error)


def log_outcome(run: TrackedRun, fitted: Fitted, task: Task, directory: Path) -> None:
    """Upload what was written and the TensorBoard logs, and enter the model."""
    run.log_files(directory / "outcome", None)
    run.log_files(fitted.tensorboard_path, "tensorboard")
    tags = {"musicgen.training_id": task.training_id, "musicgen.bundle_uri": task.bundle_uri}
    run.log_model(task.family, tags, task.parameters(), fitted.metrics)
