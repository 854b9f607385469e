"""What evaluation reads from MLflow, and what it leaves there."""

from dataclasses import dataclass

from musicgen import manifest, storage
from musicgen.errors import BadInput, MusicgenError
from musicgen.preprocess.dataset import Dataset
from musicgen.settings import settings

EVALUATION_TAG = "musicgen.evaluation_uri"
REPORT_ARTIFACT = "evaluation/report.html"


@dataclass(frozen=True)
class Run:
    """An MLflow run: its id and tags."""

    run_id: str
    tags: dict[str, str]


def read_run(run_id: str) -> Run:
    """Read a run's tags.

    Raises:
        BadInput: MLflow knows no such run.
        MusicgenError: MLflow does not answer.
    """
    mlflow = client()
    from mlflow.exceptions import MlflowException

    try:
        run = mlflow.get_run(run_id)
    except MlflowException as error:
        address = settings().tracking_uri
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise BadInput(
                f"MLflow at {address} knows no run {run_id!r}: give the run_id that "
                "`musicgen train` printed, or name its server in MUSICGEN_TRACKING_URI."
            ) from None
        raise MusicgenError(
            f"MLflow at {address} does not answer ({_first_line(error)}): start it again."
        ) from None
    return Run(run.info.run_id, dict(run.data.tags))


def record(
    run_id: str, evaluation_uri: str, metrics: dict[str, float], report: str, dataset: Dataset
) -> None:
    """Leave metrics ``eval.*``, the report and the evaluation's URI with a run, once.

    The run's LoggedModel has the metrics too, as found on the dataset: MLflow ranks models by them.
    A run that has this evaluation already is left as it is, so nothing is logged twice.

    Raises:
        MusicgenError: MLflow did not take it. What promotes a run finds its evaluation by the run's
            tag, so this is no success; the evaluation in the bucket stands, to be found again.
    """
    mlflow = client()
    from mlflow.entities import Metric
    from mlflow.exceptions import MlflowException

    try:
        run = mlflow.get_run(run_id)
        if run.data.tags.get(EVALUATION_TAG) == evaluation_uri:
            return
        # The evaluation's own time: MLflow takes a row once, though a kill may have it sent twice.
        made = storage.modified(storage.join(evaluation_uri, manifest.NAME))
        time = int(made.timestamp() * 1000)
        # Of an older one that was asked for again, a later time: MLflow shows what is latest.
        before = [row.timestamp for row in mlflow.get_metric_history(run_id, "eval.score")]
        if before and max(before) > time:
            time = max(before) + 1
        of_what = (model_id(run), dataset.corpus, dataset.dataset_id)
        logged = [
            Metric(f"eval.{name}", value, time, 0, *of_what) for name, value in metrics.items()
        ]
        mlflow.log_batch(run_id, logged)
        mlflow.log_text(run_id, report, REPORT_ARTIFACT)
        mlflow.set_tag(run_id, EVALUATION_TAG, evaluation_uri)
    except (MlflowException, OSError) as error:
        raise MusicgenError(
            f"MLflow at {settings().tracking_uri} did not take the evaluation of run {run_id} "
            f"({_first_line(error)}). Nothing is lost: run the same command again."
        ) from None


def model_id(run) -> str | None:
    """Return the id of the LoggedModel that a run made, if it made one."""
    made = run.outputs.model_outputs if run.outputs else None
    return made[0].model_id if made else None


def client():
    """Return an MLflow client of the configured server or database."""
    from musicgen.training.tracking import Tracker

    return Tracker().client


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]
