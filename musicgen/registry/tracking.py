"""Registered models in MLflow: what the bucket decided, where people look for it."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from musicgen import storage
from musicgen.errors import MusicgenError
from musicgen.evaluation.tracking import EVALUATION_TAG, client, model_id
from musicgen.registry import layout
from musicgen.registry.pointer import Pointer
from musicgen.registry.versions import CARD
from musicgen.settings import settings

logger = logging.getLogger(__name__)

VERSION_TAG = "musicgen.version"
CHOSEN_TAG = "musicgen.chosen"
DATASET_TAG = "musicgen.dataset_id"
ALIAS = "champion"
DESCRIPTIONS = {
    "lstm": "An LSTM, which writes music note after note; `champion` is the version that leads.",
    "gan": "A GAN, which paints music four bars at once; `champion` is the version that leads.",
}
"""Of a registered model, when it is made: afterwards, its description is people's own."""
MOST_DESCRIPTION = 5000
"""Characters that MLflow's database keeps of a version's description."""


@contextmanager
def answering() -> Iterator[None]:
    """Let MLflow's failures name its server and a remedy."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        first_line = str(error).partition("\n")[0][:200]
        raise MusicgenError(
            f"MLflow at {settings().tracking_uri} does not answer ({first_line}): start it again."
        ) from None


Identity = tuple[str | None, str | None]
"""A version and its MLflow run: buckets that share a server count their versions apart."""


def announced(family: str) -> Identity | None:
    """Return which version has the alias ``champion``; None if none has.

    Raises:
        MlflowException: MLflow does not answer.
    """
    mlflow = client()
    from mlflow.exceptions import MlflowException

    try:
        found = mlflow.get_model_version_by_alias(layout.model_name(family), ALIAS)
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise
    return found.tags.get(VERSION_TAG), found.run_id


def renounce(family: str) -> None:
    """Take the alias ``champion`` away from a family that has no champion."""
    client().delete_registered_model_alias(layout.model_name(family), ALIAS)


def announce(champions: list[Pointer], others: Iterable[Pointer] = ()) -> None:
    """Enter versions as registered models and set the alias ``champion`` of each family.

    All of it may be repeated. Where MLflow fails, the bucket's pointers stand, and the next
    promotion or rollback announces what was missed.

    Args:
        champions: the families' champions.
        others: versions to enter beside them.
    """
    try:
        mlflow = client()
        wanted = {pointer.version: pointer for pointer in (*others, *champions)}
        numbers = {version: _register(mlflow, pointer) for version, pointer in wanted.items()}
        for pointer in champions:
            name = layout.model_name(pointer.family)
            mlflow.set_registered_model_alias(name, ALIAS, numbers[pointer.version])
    except Exception as error:  # whatever MLflow does, the promotion has happened
        logger.warning("MLflow did not take the promotion (%s); the bucket has it.", error)


def conclude(
    airflow_run: str,
    run_ids: list[str],
    reason: str,
    champion: str,
    note: Callable[[str], str],
) -> str | None:
    """End the MLflow run that stands for a pipeline run, say there what came of it; return its id.

    Of the trials below it, those that went on to be evaluated are tagged: validation chose them.
    None where there is no such run, or MLflow does not answer.

    Args:
        airflow_run: the pipeline run.
        run_ids: of the trials that were evaluated.
        reason: the promotion's.
        champion: who leads now; empty if nobody does.
        note: makes the run's description; takes the id of its experiment.
    """
    from mlflow.utils.mlflow_tags import MLFLOW_RUN_NOTE

    from musicgen.training.pipeline_run import PipelineRun

    try:
        mlflow = client()
        experiments = {mlflow.get_run(run_id).info.experiment_id for run_id in run_ids}
        found = PipelineRun.settle(mlflow, list(experiments), airflow_run)
        if found:
            experiment_id = mlflow.get_run(found.run_id).info.experiment_id
            tags = {"musicgen.outcome": reason, "musicgen.champion": champion}
            found.end("FINISHED", {**tags, MLFLOW_RUN_NOTE: note(experiment_id)})
            for run_id in run_ids:
                mlflow.set_tag(run_id, CHOSEN_TAG, airflow_run)
            return found.run_id
    except Exception as error:  # whatever MLflow does, the decision stands
        logger.warning("MLflow was not told what came of %s (%s).", airflow_run, error)
    return None


def _register(mlflow, pointer: Pointer) -> str:
    """Return MLflow's number of a version, entering the version if it is new."""
    name = layout.model_name(pointer.family)
    found = _number(mlflow, name, pointer)
    if found is not None:
        return found
    run = mlflow.get_run(pointer.run_id)
    made = model_id(run)
    # The server takes no source outside the run's own artifacts; the tags name the bundle.
    source = f"models:/{made}" if made else f"runs:/{pointer.run_id}/bundle"
    tags = {
        VERSION_TAG: pointer.version,
        "musicgen.bundle_uri": pointer.bundle_uri,
        EVALUATION_TAG: pointer.evaluation_uri,
        "musicgen.evaluated_on": pointer.dataset_id,
        "musicgen.score": f"{pointer.score:.4f}",
        **{name: value for name, value in run.data.tags.items() if name == DATASET_TAG},
    }
    entered = mlflow.create_model_version(
        name, source, pointer.run_id, tags=tags, model_id=made, description=_card(pointer)
    )
    mlflow.set_tag(pointer.run_id, VERSION_TAG, pointer.version)
    return entered.version


def _number(mlflow, name: str, pointer: Pointer) -> str | None:
    """Return MLflow's number of a version; the registered model is made if it is not there.

    Buckets that share a server count their versions apart, so the run has to match as well.
    """
    from mlflow.exceptions import MlflowException

    try:
        mlflow.create_registered_model(name, description=DESCRIPTIONS[pointer.family])
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    for entered in mlflow.search_model_versions(f"name = '{name}'"):
        if (entered.tags.get(VERSION_TAG), entered.run_id) == (pointer.version, pointer.run_id):
            return entered.version
    return None


def _card(pointer: Pointer) -> str | None:
    """Return the version's model card, as much as MLflow takes of it, for people to read there."""
    try:
        text = storage.read_bytes(storage.join(pointer.bundle_uri, CARD)).decode()
    except FileNotFoundError:
        return None
    return text[:MOST_DESCRIPTION]
