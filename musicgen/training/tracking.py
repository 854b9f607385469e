"""MLflow: experiments, and one run for each training."""

import re
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Run, RunStatus, ViewType
from mlflow.exceptions import MlflowException

from musicgen import storage
from musicgen.errors import BadInput, MusicgenError
from musicgen.settings import as_uri, settings
from musicgen.training.answered import answered
from musicgen.training.filters import quoted
from musicgen.training.tracked_run import TrackedRun

RUN_ID = re.compile("[0-9a-f]{32}")
GIT_SHA = "musicgen.git_sha"
KIND = {"mlflow.experimentKind": "custom_model_development"}
"""Opens the experiment in MLflow's view for trained models, not in that for language models."""


class Tracker:
    """The MLflow server, or the SQLite database that stands in for one."""

    def __init__(self, tracking_uri: str | None = None) -> None:
        self.uri = tracking_uri or settings().tracking_uri
        if self.uri.startswith("sqlite:///"):
            Path(self.uri.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        mlflow.set_tracking_uri(self.uri)  # an SQLite registry looks models up there
        self.client = MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)

    @answered
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

    @answered
    def exists(self, run_id: str) -> bool:
        """Whether a run is there and not deleted."""
        try:
            return self.client.get_run(run_id).info.lifecycle_stage == "active"
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return False
            raise

    @answered
    def bundle_uri(self, run_or_uri: str) -> str:
        """Return the URI of a run's bundle; what is no run's id is a URI or path already.

        Raises:
            BadInput: the run is no training, or there is nothing at the URI or path.
        """
        if not RUN_ID.fullmatch(run_or_uri):
            uri = as_uri(run_or_uri)
            path = storage.local_path(uri)
            if path and not path.exists():
                raise BadInput(
                    f"{run_or_uri} is no MLflow run, whose ids have 32 digits, and there is no "
                    f"bundle at {path}: give one of the two."
                )
            return uri
        found = self.exists(run_or_uri) and self.client.get_run(run_or_uri).data.tags
        if not found or "musicgen.bundle_uri" not in found:
            raise BadInput(f"MLflow at {self.uri} knows no training {run_or_uri}; see its runs.")
        return found["musicgen.bundle_uri"]

    @answered
    def run(
        self, corpus: str, name: str, tags: dict[str, str], resumes: bool = False
    ) -> TrackedRun:
        """Return the run of a training: the one that a killed process left, or a new one.

        The tag ``musicgen.bundle_uri`` tells trainings apart. One that begins anew, by other code
        or long after another came to its end, has a run of its own: the curves would be a mixture.

        Args:
            corpus: names the experiment.
            name: of a new run.
            tags: that it has from now on.
            resumes: there is a backup to go on from.
        """
        experiment_id = self.experiment_id(corpus)
        found = self.client.search_runs(
            [experiment_id],
            f"tags.`musicgen.bundle_uri` = {quoted(tags['musicgen.bundle_uri'])}",
            ViewType.ACTIVE_ONLY,
            max_results=1,
            order_by=["attributes.start_time DESC"],
        )
        if not found or not (resumes or _unfinished(found[0], tags)):
            made = self.client.create_run(experiment_id, run_name=name, tags=tags)
            return TrackedRun(self.uri, self.client, experiment_id, made.info.run_id)
        run = TrackedRun(self.uri, self.client, experiment_id, found[0].info.run_id)
        self.client.update_run(run.run_id, status=RunStatus.to_string(RunStatus.RUNNING))
        run.tag(tags)
        return run

    @property
    def _is_local(self) -> bool:
        return self.uri.startswith("sqlite:")

    def _artifacts_uri(self) -> str | None:
        """Return where artifacts go; a server decides by itself."""
        if not self._is_local:
            return None
        return (settings().home_path / "mlflow" / "artifacts").as_uri()


def _unfinished(run: Run, tags: dict[str, str]) -> bool:
    """Whether the same code left it before its end, so that beginning anew tells the same."""
    same_code = run.data.tags.get(GIT_SHA) == tags.get(GIT_SHA)
    return same_code and run.info.status != RunStatus.to_string(RunStatus.FINISHED)
