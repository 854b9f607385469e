"""One run of MLflow, for one training."""

import json
import time
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelOutput, Metric, Param

from musicgen.training.answered import answered

BATCH = 1000
NAMES = {
    "best_epoch": "best_epoch",
    "parameters": "parameter_count",
    "temperature": "temperature",
}
"""What a training's metrics that are no epoch's are called in MLflow."""


class TrackedRun:
    """One MLflow run. All methods may be repeated: they leave the same behind."""

    def __init__(self, uri: str, client: MlflowClient, experiment_id: str, run_id: str) -> None:
        self.uri = uri
        self.client = client
        self.experiment_id = experiment_id
        self.run_id = run_id

    @answered
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

    @answered
    def logged_metrics(self) -> set[tuple[str, int]]:
        """Return the keys and steps that the server has."""
        keys = self.client.get_run(self.run_id).data.metrics
        return {
            (key, metric.step)
            for key in keys
            for metric in self.client.get_metric_history(self.run_id, key)
        }

    @answered
    def log_metrics(self, rows: list[list[Any]]) -> None:
        """Log rows of key, value, time in milliseconds and step.

        The server drops a row that equals one it has, time included.
        """
        for start in range(0, len(rows), BATCH):
            metrics = [Metric(*row) for row in rows[start : start + BATCH]]
            self.client.log_batch(self.run_id, metrics=metrics)

    @answered
    def log_files(self, directory: Path, artifact_path: str | None) -> None:
        """Upload a directory's files."""
        self.client.log_artifacts(self.run_id, str(directory), artifact_path)

    @answered
    def tag(self, tags: dict[str, str]) -> None:
        """Set tags."""
        for name, value in tags.items():
            self.client.set_tag(self.run_id, name, value)

    @answered
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
        found = [
            Metric(name, value, now, 0, model_id=model.model_id)
            for name, value in _of_the_model(metrics).items()
        ]
        self.client.log_batch(self.run_id, metrics=found)
        # Last, so that a model half entered is entered again.
        self.client.log_outputs(self.run_id, [LoggedModelOutput(model.model_id, 0)])
        return model.model_id

    @answered
    def end(self, status: str) -> None:
        """Set the status: ``FINISHED``, ``FAILED`` or ``KILLED``."""
        self.client.set_terminated(self.run_id, status)


def _of_the_model(metrics: dict[str, float]) -> dict[str, float]:
    """Return what is true of the model that was kept, under names that cannot be misread.

    Of its epoch's metrics these are the validation's: its loss and learning rate stand in curves.
    """
    best = {f"best_{name}": value for name, value in metrics.items() if name.startswith("val_")}
    return best | {NAMES[name]: metrics[name] for name in NAMES.keys() & metrics.keys()}
