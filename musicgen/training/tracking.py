"""MLflow: one run for each training."""

import json
import os
import re
import time
from functools import wraps
from pathlib import Path
from typing import Any

# Read when mlflow is imported. A server that is away must not hold training up for minutes.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")

import mlflow
from mlflow import MlflowClient
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelOutput,
    Metric,
    Param,
    RunStatus,
    ViewType,
)
from mlflow.exceptions import MlflowException

from musicgen.errors import BadInput, MusicgenError
from musicgen.settings import as_uri, settings

BATCH = 1000
RUN_ID = re.compile("[0-9a-f]{32}")
KIND = {"mlflow.experimentKind": "custom_model_development"}
"""Opens the experiment in MLflow's view for trained models, not in that for language models."""


def _answered(method):
    """Let a method's failures name the server and a remedy."""

    @wraps(method)
    def call(self, *args, **kwargs):
        try:
            return method(self, *args, **kwargs)
        except MlflowException as error:
            first_line = str(error).partition("\n")[0][:200]
            raise MusicgenError(
                f"MLflow at {self.uri} doesn't answer as it should ({first_line}). Start it, or "
                "set MUSICGEN_TRACKING_URI, and run this again."
            ) from error

    return call


class Tracker:
    """The MLflow server, or the SQLite database that stands in for one."""

    def __init__(self, tracking_uri: str | None = None) -> None:
        self.uri = tracking_uri or settings().tracking_uri
        if self.uri.startswith("sqlite:///"):
            Path(self.uri.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        mlflow.set_tracking_uri(self.uri)  # an SQLite registry looks models up there
        self.client = MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)

    @_answered
    def experiment_id(self, corpus: str) -> str:
        """Return the experiment of a corpus, made if it isn't there.

        Raises:
            BadInput: the experiment's artifacts can be reached through a server alone.
            MusicgenError: the server doesn't answer, or the experiment was deleted.
        """
        name = f"musicgen-{corpus}"
        try:
            found = self.client.get_experiment_by_name(name)
            if found is None:
                return self.client.create_experiment(name, self._artifacts_uri(), KIND)
        except MlflowException as error:
            if "RESOURCE_ALREADY_EXISTS" in str(error):  # another training was quicker
                return self.client.get_experiment_by_name(name).experiment_id
            raise
        if found.artifact_location.startswith("mlflow-artifacts:") and self._is_local:
            raise BadInput(
                f"The MLflow experiment {name} keeps its artifacts behind a server: start that "
                "(`make demo` does) and name it, MUSICGEN_TRACKING_URI=http://127.0.0.1:5000."
            )
        if found.lifecycle_stage != "active":
            raise MusicgenError(
                f"The MLflow experiment {name} was deleted; restore it, or empty the trash with "
                "`mlflow gc`."
            )
        return found.experiment_id

    @_answered
    def exists(self, run_id: str) -> bool:
        """Whether a run is there and not deleted."""
        try:
            return self.client.get_run(run_id).info.lifecycle_stage == "active"
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return False
            raise

    @_answered
    def bundle_uri(self, run_or_uri: str) -> str:
        """Return the URI of a run's bundle; what is no run's id is a URI or path already.

        Raises:
            BadInput: the run is no training.
        """
        if not RUN_ID.fullmatch(run_or_uri):
            return as_uri(run_or_uri)
        found = self.exists(run_or_uri) and self.client.get_run(run_or_uri).data.tags
        if not found or "musicgen.bundle_uri" not in found:
            raise BadInput(f"MLflow at {self.uri} knows no training {run_or_uri}; see its runs.")
        return found["musicgen.bundle_uri"]

    @_answered
    def run(self, corpus: str, name: str, tags: dict[str, str]) -> "TrackedRun":
        """Return the run of a training: the one that a killed process left, or a new one.

        The tag ``musicgen.bundle_uri`` tells trainings apart.
        """
        experiment_id = self.experiment_id(corpus)
        found = self.client.search_runs(
            [experiment_id],
            f"tags.`musicgen.bundle_uri` = '{tags['musicgen.bundle_uri']}'",
            ViewType.ACTIVE_ONLY,
            max_results=1,
        )
        if found:
            run_id = found[0].info.run_id
            self.client.update_run(run_id, status=RunStatus.to_string(RunStatus.RUNNING))
        else:
            run = self.client.create_run(experiment_id, run_name=name, tags=tags)
            run_id = run.info.run_id
        return TrackedRun(self.uri, self.client, experiment_id, run_id)

    @property
    def _is_local(self) -> bool:
        return self.uri.startswith("sqlite:")

    def _artifacts_uri(self) -> str | None:
        """Return where artifacts go; a server decides by itself."""
        if not self._is_local:
            return None
        return (settings().home_path / "mlflow" / "artifacts").as_uri()


class TrackedRun:
    """One MLflow run. All methods may be repeated: they leave the same behind."""

    def __init__(self, uri: str, client: MlflowClient, experiment_id: str, run_id: str) -> None:
        self.uri = uri
        self.client = client
        self.experiment_id = experiment_id
        self.run_id = run_id

    @_answered
    def describe(
        self,
        parameters: dict[str, Any],
        corpus: str,
        provenance: dict[str, Any],
        counts: dict[str, int],
    ) -> None:
        """Log the parameters, and the dataset with its rows by table as the run's input."""
        params = [Param(name, str(value)) for name, value in parameters.items()]
        self.client.log_batch(self.run_id, params=params)
        source = json.dumps({"uri": provenance["dataset_uri"]})
        profile = json.dumps({f"num_{name}": rows for name, rows in counts.items()})
        dataset = Dataset(corpus, provenance["dataset_id"], "musicgen", source, profile=profile)
        tags = [InputTag("mlflow.data.context", "training")]
        self.client.log_inputs(self.run_id, [DatasetInput(dataset, tags)])

    @_answered
    def logged_metrics(self) -> set[tuple[str, int]]:
        """Return the keys and steps that the server has."""
        keys = self.client.get_run(self.run_id).data.metrics
        return {
            (key, metric.step)
            for key in keys
            for metric in self.client.get_metric_history(self.run_id, key)
        }

    @_answered
    def log_metrics(self, rows: list[list[Any]]) -> None:
        """Log rows of key, value, time in milliseconds and step.

        The server drops a row that equals one it has, time included.
        """
        for start in range(0, len(rows), BATCH):
            metrics = [Metric(*row) for row in rows[start : start + BATCH]]
            self.client.log_batch(self.run_id, metrics=metrics)

    @_answered
    def log_files(self, directory: Path, artifact_path: str | None) -> None:
        """Upload a directory's files."""
        self.client.log_artifacts(self.run_id, str(directory), artifact_path)

    @_answered
    def tag(self, tags: dict[str, str]) -> None:
        """Set tags."""
        for name, value in tags.items():
            self.client.set_tag(self.run_id, name, value)

    @_answered
    def log_model(
        self,
        family: str,
        tags: dict[str, str],
        parameters: dict[str, Any],
        metrics: dict[str, float],
    ) -> str:
        """Enter the bundle as a LoggedModel, with its metrics, and return its id.

        Its files stay in the bucket, which the tags name: what MLflow keeps is a description.
        """
        from mlflow.models.utils import get_external_mlflow_model_spec
        from mlflow.utils.file_utils import TempDir
        from mlflow.utils.mlflow_tags import MLFLOW_MODEL_IS_EXTERNAL

        from musicgen.training.signature import signature, write_example

        outputs = self.client.get_run(self.run_id).outputs
        if outputs and outputs.model_outputs:
            return outputs.model_outputs[0].model_id
        model = self.client.create_logged_model(
            self.experiment_id,
            name=f"musicgen-{family}",
            source_run_id=self.run_id,
            tags={**tags, MLFLOW_MODEL_IS_EXTERNAL: "true"},
            params={name: str(value) for name, value in parameters.items()},
            model_type=family,
        )
        with TempDir() as directory:
            spec = get_external_mlflow_model_spec(model)
            spec.signature = signature()
            spec.saved_input_example_info = write_example(Path(directory.path()))
            spec.save(directory.path("MLmodel"))
            self.client.log_model_artifacts(model.model_id, directory.path())
        self.client.finalize_logged_model(model.model_id, "READY")
        now = int(time.time() * 1000)
        best = [
            Metric(f"best_{name}", value, now, 0, model_id=model.model_id)
            for name, value in metrics.items()
        ]
        self.client.log_batch(self.run_id, metrics=best)
        # Last, so that a model half entered is entered again.
        self.client.log_outputs(self.run_id, [LoggedModelOutput(model.model_id, 0)])
        return model.model_id

    @_answered
    def end(self, status: str) -> None:
        """Set the status: ``FINISHED``, ``FAILED`` or ``KILLED``."""
        self.client.set_terminated(self.run_id, status)
