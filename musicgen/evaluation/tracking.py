"""What evaluation reads from MLflow, and what it leaves there."""

import logging
import time
from dataclasses import dataclass

from musicgen.errors import BadInput
from musicgen.settings import settings

logger = logging.getLogger(__name__)

EVALUATION_TAG = "musicgen.evaluation_uri"


@dataclass(frozen=True)
class Run:
    """An MLflow run: its id and tags."""

    run_id: str
    tags: dict[str, str]


def read_run(run_id: str) -> Run:
    """Read a run's tags.

    Raises:
        BadInput: MLflow knows no such run, or does not answer.
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
        raise BadInput(f"MLflow at {address} does not answer ({error}): start it again.") from None
    return Run(run.info.run_id, dict(run.data.tags))


def record(run_id: str, evaluation_uri: str, metrics: dict[str, float], report: str) -> None:
    """Leave metrics ``eval.*``, the report and the evaluation's URI with a run, once.

    A run that has this evaluation already is left as it is, so nothing is logged twice. Where
    MLflow fails, the evaluation in the bucket stands all the same.
    """
    mlflow = client()
    from mlflow.entities import Metric
    from mlflow.exceptions import MlflowException

    try:
        if mlflow.get_run(run_id).data.tags.get(EVALUATION_TAG) == evaluation_uri:
            return
        now = int(time.time() * 1000)
        logged = [Metric(f"eval.{name}", value, now, 0) for name, value in metrics.items()]
        mlflow.log_batch(run_id, logged)
        mlflow.log_text(run_id, report, "evaluation/report.html")
        mlflow.set_tag(run_id, EVALUATION_TAG, evaluation_uri)
    except (MlflowException, OSError) as error:
        logger.warning("MLflow did not take the evaluation of run %s (%s).", run_id, error)


def client():
    """Return an MLflow client of the configured server or database."""
    from musicgen.training.tracking import Tracker

    return Tracker().client
