"""The one training job: any family, from a dataset to an MLflow run and a bundle."""

import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from musicgen.preprocess.dataset import Dataset
from musicgen.settings import settings
from musicgen.training.alone import alone
from musicgen.training.cluster import is_chief
from musicgen.training.config import Value, load_plan
from musicgen.training.finished import TrainResult, clear, commit, finished, result_of, resumes
from musicgen.training.outbox import Outbox
from musicgen.training.pipeline_run import PipelineRun
from musicgen.training.provenance import provenance
from musicgen.training.sweep import in_words, trial_overrides
from musicgen.training.task import Task
from musicgen.training.tracked_run import TrackedRun
from musicgen.training.tracking import Tracker

LOG = logging.getLogger(__name__)
PATIENCE_SECONDS = 180.0


def train(
    family: str,
    dataset_uri: str,
    bucket_uri: str,
    *,
    profile: str = "quick",
    seed: int = 0,
    overrides: dict[str, Value] | None = None,
    trial: int | None = None,
    airflow_run: str | None = None,
    init_from: str | None = None,
) -> TrainResult:
    """Train a model, or find it trained; a killed training resumes at its last finished epoch.

    Args:
        family: ``lstm`` or ``gan``.
        dataset_uri: a dataset.
        bucket_uri: where ``training/<training_id>/`` goes.
        profile: ``quick``, ``standard`` or ``full``.
        seed: same inputs and seed, same weights (on the same machine).
        overrides: values of ``TrainingConfig`` or of the family's options, by name.
        trial: draws some settings at random; 0 keeps the profile's, and so does None, no trial.
        airflow_run: the DAG run that this is for; a tag.
        init_from: whose weights to start from: an MLflow run, or the URI of a bundle.

    Raises:
        BadInput: the dataset, profile or an override cannot be used, or the loss was not a number.
        MusicgenError: MLflow does not answer.
    """
    dataset = Dataset.open(dataset_uri)
    changed = {**trial_overrides(family, trial, seed), **(overrides or {})}
    plan = load_plan(family, profile, changed)
    tracker = Tracker()
    origin_uri = tracker.bundle_uri(init_from) if init_from else None
    task = Task(family, profile, plan, seed, origin_uri, dataset, bucket_uri, trial)
    if trial is not None:
        LOG.info("Trial %d: %s", trial, in_words(task.drawn()))
    if not is_chief():
        return finished(task, tracker) or _assist(task)
    return _lead(task, tracker, airflow_run)


def _lead(task: Task, tracker: Tracker, airflow_run: str | None) -> TrainResult:
    """Train as the only machine or the first of several, unless that has been done."""
    label = f"{task.family}.{task.trial or 0}"
    with alone(task.training_id):
        if found := finished(task, tracker):
            if parent := _pipeline_run(tracker, task, airflow_run):
                parent.adopt(found.run_id, label)
            return found
        origin = provenance(task.dataset)
        goes_on = resumes(task, origin["git_sha"])
        if not goes_on:
            clear(task)
        task.begin()
        if origin["validation"] == "failed":
            LOG.warning("This dataset failed its validation; the model is tagged so.")
        run = tracker.run(task.dataset.corpus, task.name, _tags(task, origin), goes_on)
        extra = {"musicgen.airflow_run": airflow_run, "musicgen.trial": task.trial}
        run.tag({name: str(value) for name, value in extra.items() if value is not None})
        parent = _pipeline_run(tracker, task, airflow_run)
        if parent:
            parent.adopt(run.run_id, label)
        with _ending(run, parent):
            return _train(task, run, origin)


def _assist(task: Task) -> TrainResult:
    """Help the chief on another machine, who alone writes."""
    from musicgen.training.fitting import assist

    with TemporaryDirectory() as directory:
        metrics, seconds = assist(task, Path(directory))
    return result_of(task, "", seconds, metrics, reused=False)


def _train(task: Task, run: TrackedRun, origin: dict[str, Any]) -> TrainResult:
    """Fit, export, log, commit."""
    from musicgen.training.fitting import fit
    from musicgen.training.outcome import log_outcome, write_outcome

    parameters = task.parameters()
    run.describe(parameters, task.dataset.corpus, origin, task.dataset.counts)
    outbox = Outbox(f"MLflow at {settings().tracking_uri}")
    with _work_path(task) as work_path:
        fitted = fit(task, run, outbox, _bundle_origin(task, run, origin), work_path)
        fitted.bundle.save(task.bundle_uri)
        write_outcome(fitted, task, work_path)
        outbox.hand_in(lambda: log_outcome(run, fitted, task, work_path))
        outbox.close(PATIENCE_SECONDS)
    run.end("FINISHED")
    result = result_of(task, run.run_id, fitted.seconds, fitted.metrics, reused=False)
    commit(task, result)
    return result


def _pipeline_run(tracker: Tracker, task: Task, name: str | None) -> PipelineRun | None:
    """Return the run that stands for the pipeline run, None where there is none."""
    if name is None:
        return None
    experiment_id = tracker.experiment_id(task.dataset.corpus)
    tags = {
        "musicgen.dataset_id": task.dataset.dataset_id,
        "musicgen.corpus_digest": task.dataset.corpus_digest,
    }
    return PipelineRun.begin(tracker.client, experiment_id, name, tags)


@contextmanager
def _ending(run: TrackedRun, parent: PipelineRun | None):
    """Give the runs their status when training fails; those of a killed one stay RUNNING."""
    started = time.monotonic()
    try:
        yield
    except BaseException as error:
        status = "FAILED" if isinstance(error, Exception) else "KILLED"
        LOG.info("Training ended after %.0f s: %s", time.monotonic() - started, status)
        try:
            run.end(status)
            if parent:
                parent.end(status)
        except Exception as unreachable:  # the error that ended the training matters more
            LOG.warning("MLflow was not told: %s", unreachable)
        raise


def _bundle_origin(task: Task, run: TrackedRun, origin: dict[str, Any]) -> dict[str, Any]:
    """Return the provenance that the bundle carries."""
    return {
        **origin,
        "training_id": task.training_id,
        "run_id": run.run_id,
        "profile": task.profile,
        "seed": task.seed,
        "parameters": task.parameters(),
    }


@contextmanager
def _work_path(task: Task) -> Iterator[Path]:
    """Give a directory on this machine for what only the training itself needs.

    It has a fixed place, so that a killed training leaves no litter for good.
    """
    path = settings().home_path / "training" / task.training_id
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _tags(task: Task, origin: dict[str, Any]) -> dict[str, str]:
    return {
        "musicgen.family": task.family,
        "musicgen.training_id": task.training_id,
        "musicgen.dataset_id": origin["dataset_id"],
        "musicgen.dataset_uri": origin["dataset_uri"],
        "musicgen.corpus_digest": origin["corpus_digest"],
        "musicgen.bundle_uri": task.bundle_uri,
        "musicgen.git_sha": origin["git_sha"],
        "musicgen.validation": origin["validation"],
    }
