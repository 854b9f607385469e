"""All stages in order without Airflow, each in a process of its own: what the DAG does."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from musicgen.errors import MusicgenError
from musicgen.stages import StageFailed
from musicgen.training.config import own_settings
from musicgen.training.sweep import best_trial

logger = logging.getLogger(__name__)

RunStage = Callable[[list[str]], dict[str, Any]]
Stage = Callable[..., dict[str, Any]]
"""Takes a name for the results, then a command line word by word."""


@dataclass(frozen=True)
class PipelineRequest:
    """What is asked of a run: the fields of the DAG's form, by their names.

    Attributes:
        corpus: name of the corpus.
        corpus_uri: where it is, or None for its own place.
        profile: training profile.
        families: model families to train.
        trials: how often each is trained; trial 0 takes the profile as it is.
        seed: of every training.
        promotion: promotion policy.
        overrides: settings of the profile, as ``NAME=VALUE``; each family is told its own.
        dataset_overrides: settings of ``PreprocessConfig``, written alike.
    """

    corpus: str
    corpus_uri: str | None
    profile: str
    families: list[str]
    trials: int
    seed: int
    promotion: str
    overrides: list[str]
    dataset_overrides: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class PipelineResult:
    """What a run came to.

    Attributes:
        news: whether there was anything to do; without, all below but the reason is empty.
        reason: what came of it, in a sentence.
        stages: what each stage printed, by name.
        runs: MLflow runs of what was trained, family after family.
        version: the one that was promoted, else the best challenger's.
        champion: the version that leads now.
    """

    news: bool
    reason: str
    stages: dict[str, dict[str, Any]] = field(repr=False)
    runs: list[str] = field(default_factory=list)
    scores: dict[str, Any] = field(default_factory=dict)
    report_uri: str = ""
    promoted: bool = False
    version: str = ""
    champion: str = ""


def run_pipeline(run_stage: RunStage, request: PipelineRequest, force: bool) -> PipelineResult:
    """Run ingest, news, preprocess, validate, analyse, train, evaluate and promote.

    Safe to kill at any moment and to run again; MLflow folds what both trained into one run.

    Args:
        run_stage: runs one ``musicgen`` command line and returns its JSON result.
        request: what to do.
        force: run even if the same music and settings came to an end before.

    Raises:
        StageFailed: a stage failed; a dataset that is not sound fails its validation.
    """
    results: dict[str, dict[str, Any]] = {}

    def stage(name: str, *arguments: str) -> dict[str, Any]:
        results[name] = run_stage(list(arguments))
        return results[name]

    origin = ["--from", request.corpus_uri] if request.corpus_uri else []
    corpus_uri = stage("ingest", "ingest", request.corpus, *origin)["corpus_uri"]
    insist = ["--force"] if force else []
    form = json.dumps(asdict(request))
    news = stage("news", "news", corpus_uri, "--request", form, *insist)
    if not news["news"]:
        return PipelineResult(False, news["reason"], results)
    changed = _settings(request.dataset_overrides)
    dataset_uri = stage("preprocess", "preprocess", corpus_uri, *changed)["dataset_uri"]
    _prove(stage, dataset_uri)
    name = f"pipeline {news['pipeline_id']}"
    with _closed(run_stage, name):
        trained = _trained(stage, request, dataset_uri, name)
        run_ids = [best_trial(family, trials) for family, trials in trained.items()]
        evaluated = stage("evaluate", "evaluate", *run_ids, "--dataset", dataset_uri)
        asked = ["--policy", request.promotion, "--airflow-run", name]
        outcome = stage(
            "promote", "promote", *run_ids, *asked, "--pipeline-id", news["pipeline_id"]
        )
    return PipelineResult(
        news=True,
        reason=outcome["reason"],
        stages=results,
        runs=[trial["run_id"] for trials in trained.values() for trial in trials],
        scores=evaluated["scores"],
        report_uri=evaluated["report_uri"],
        promoted=outcome["promoted"],
        version=outcome["version"],
        champion=outcome["champion"],
    )


def _prove(stage: Stage, dataset_uri: str) -> None:
    """Validate a dataset, and show what is in it: people want to see most what is not sound."""
    try:
        stage("validate", "validate", dataset_uri)
    except StageFailed:
        _show(stage, dataset_uri)
        raise
    _show(stage, dataset_uri)


def _show(stage: Stage, dataset_uri: str) -> None:
    """Make the corpus report, which nothing waits for."""
    try:
        stage("analyse", "analyse", dataset_uri)
    except StageFailed as error:
        logger.warning("The corpus report was not made (%s).", error)


def _trained(
    stage: Stage, request: PipelineRequest, dataset_uri: str, run: str
) -> dict[str, list[dict[str, Any]]]:
    """Train all trials and return their results by family; one that fails stops no other."""
    trained: dict[str, list[dict[str, Any]]] = {family: [] for family in request.families}
    for family, trials in trained.items():
        for trial in range(request.trials):
            line = _training(request, family, trial, dataset_uri, run)
            try:
                trials.append(stage(f"train {family} {trial}", *line))
            except MusicgenError as error:
                if not trials and trial == request.trials - 1:
                    raise
                logger.warning("Trial %d of %s is left out (%s).", trial, family, error)
    return trained


@contextmanager
def _closed(run_stage: RunStage, name: str) -> Iterator[None]:
    """Let MLflow know of a failure, or an interrupt, between the first training and the end."""
    try:
        yield
    except BaseException:
        with suppress(MusicgenError):  # what failed matters more
            run_stage(["close-run", name])
        raise


def _training(
    request: PipelineRequest, family: str, trial: int, dataset_uri: str, run: str
) -> list[str]:
    """Return the command line of one training."""
    options = {"profile": request.profile, "seed": request.seed, "trial": trial, "airflow-run": run}
    line = ["train", family, dataset_uri]
    line += [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return line + _settings(own_settings(family, request.overrides))


def _settings(pairs: list[str]) -> list[str]:
    return [word for pair in pairs for word in ("--set", pair)]
