"""What earlier trainings with the same inputs left: found again, gone on with, or cleared away."""

import logging
from dataclasses import dataclass

from musicgen import manifest, storage
from musicgen.training.backup_state import BackupState
from musicgen.training.config import Value
from musicgen.training.task import BUNDLE, Task
from musicgen.training.tracking import Tracker

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainResult:
    """A finished training.

    Attributes:
        run_id: of the MLflow run; empty where this process only helped another.
        model_uri: the bundle.
        seconds: spent in training, all resumptions together.
        metrics: of the best epoch, by name; ``best_epoch`` counts from 1.
        reused: whether it was there already.
        trial: its number; None if it was no trial.
        drawn: the settings that trials draw, as they were in this one.
    """

    run_id: str
    model_uri: str
    seconds: float
    metrics: dict[str, float]
    reused: bool
    trial: int | None
    drawn: dict[str, Value]


def result_of(
    task: Task, run_id: str, seconds: float, metrics: dict[str, float], reused: bool
) -> TrainResult:
    """Return what a task came to."""
    return TrainResult(
        *(run_id, task.bundle_uri, round(seconds, 2), metrics, reused),
        trial=task.trial,
        drawn=task.drawn(),
    )


def commit(task: Task, result: TrainResult) -> None:
    """Make the training findable, and drop what only a resumption needs."""
    hashes = manifest.hashes(task.bundle_uri)
    manifest.commit(
        task.uri,
        {f"{BUNDLE}/{name}": sha256 for name, sha256 in hashes.items()},
        run_id=result.run_id,
        metrics=result.metrics,
        seconds=result.seconds,
        parameters=task.parameters(),
    )
    storage.remove(task.backup_uri)


def finished(task: Task, tracker: Tracker) -> TrainResult | None:
    """Return what an earlier training with the same inputs left, if MLflow still knows it."""
    if not manifest.exists(task.uri):
        return None
    found = manifest.load(task.uri)
    if tracker.exists(found["run_id"]):
        return result_of(task, found["run_id"], found["seconds"], found["metrics"], reused=True)
    LOG.info("MLflow no longer knows the run of %s; training again.", task.uri)
    return None


def resumes(task: Task, git_sha: str) -> bool:
    """Whether this code left the training between two epochs, to go on there."""
    underway = not manifest.exists(task.uri)
    return underway and BackupState.load(task.backup_uri, git_sha) is not None


def clear(task: Task) -> None:
    """Remove what would mix with a training that begins anew: another's epochs and checkpoints.

    The bundle stays until the new one is saved over it: this MLflow may be the wrong one to ask,
    and the right one, or a registry, lead to it.
    """
    for name in storage.children(task.uri):
        if name not in (BUNDLE, manifest.NAME):
            storage.remove(storage.join(task.uri, name))
    storage.remove(storage.join(task.uri, manifest.NAME))  # last: a kill leaves it to do again
