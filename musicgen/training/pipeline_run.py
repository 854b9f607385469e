"""The parent run: all that one pipeline run trained, folded together in MLflow."""

from mlflow import MlflowClient
from mlflow.entities import RunStatus, ViewType
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

from musicgen.training.filters import quoted

PIPELINE_TAG = "musicgen.pipeline_run"
TRAINED = "musicgen.trained."


class PipelineRun:
    """The run that stands for a whole pipeline run; trainings are its children."""

    def __init__(self, client: MlflowClient, run_id: str) -> None:
        self.client = client
        self.run_id = run_id

    @classmethod
    def find(
        cls, client: MlflowClient, experiment_ids: list[str], name: str
    ) -> "PipelineRun | None":
        """Return the parent of a pipeline run, the oldest if two tasks made one each."""
        found = cls._all(client, experiment_ids, name)
        return found[0] if found else None

    @classmethod
    def settle(
        cls, client: MlflowClient, experiment_ids: list[str], name: str
    ) -> "PipelineRun | None":
        """Return the parent of a pipeline run that trains no more, and see that it is the only one.

        Tasks that began at the same time may have seen nothing but the parent that each had made.
        """
        found = cls._all(client, experiment_ids, name)
        for other in found[1:]:
            found[0]._take_over(other)
        return found[0] if found else None

    @classmethod
    def _all(
        cls, client: MlflowClient, experiment_ids: list[str], name: str
    ) -> list["PipelineRun"]:
        found = client.search_runs(
            experiment_ids,
            f"tags.`{PIPELINE_TAG}` = {quoted(name)}",
            ViewType.ACTIVE_ONLY,
            order_by=["attributes.start_time ASC", "attributes.run_id ASC"],
        )
        return [cls(client, run.info.run_id) for run in found]

    def _take_over(self, other: "PipelineRun") -> None:
        """Become the parent of another's trainings; then it goes."""
        for name, value in self.client.get_run(other.run_id).data.tags.items():
            if name.startswith(TRAINED):
                if self.client.get_run(value).data.tags.get(MLFLOW_PARENT_RUN_ID) == other.run_id:
                    self.client.set_tag(value, MLFLOW_PARENT_RUN_ID, self.run_id)
                self.client.set_tag(self.run_id, name, value)
        self.client.delete_run(other.run_id)

    @classmethod
    def begin(
        cls, client: MlflowClient, experiment_id: str, name: str, tags: dict[str, str]
    ) -> "PipelineRun":
        """Return the parent of a pipeline run, made if it isn't there, and say that it runs."""
        found = cls.find(client, [experiment_id], name)
        if found is None:
            made = client.create_run(
                experiment_id, run_name=name, tags={**tags, PIPELINE_TAG: name}
            )
            found = cls.find(client, [experiment_id], name)
            if found and found.run_id != made.info.run_id:  # another task was quicker
                client.delete_run(made.info.run_id)
            found = found or cls(client, made.info.run_id)
        client.update_run(found.run_id, status=RunStatus.to_string(RunStatus.RUNNING))
        return found

    def adopt(self, run_id: str, label: str) -> None:
        """Make a training its child; one that has a parent keeps it and is named by a tag."""
        tags = self.client.get_run(run_id).data.tags
        if tags.get(MLFLOW_PARENT_RUN_ID) in (None, self.run_id):
            self.client.set_tag(run_id, MLFLOW_PARENT_RUN_ID, self.run_id)
        self.client.set_tag(self.run_id, TRAINED + label, run_id)

    def abandon(self) -> list[str]:
        """End it as failed and its trainings as killed, those that are RUNNING; return their ids.

        Trainings that failed have said so; those that were killed could not.
        """
        run = self.client.get_run(self.run_id)
        family = f"tags.`{MLFLOW_PARENT_RUN_ID}` = '{self.run_id}'"
        children = self.client.search_runs([run.info.experiment_id], family)
        running = [one.info.run_id for one in (*children, run) if one.info.status == "RUNNING"]
        for run_id in running:
            status = "FAILED" if run_id == self.run_id else "KILLED"
            self.client.set_terminated(run_id, status)
        return running

    def end(self, status: str, tags: dict[str, str] | None = None) -> None:
        """Set the status, ``FINISHED`` or ``FAILED``, and tags that say what came of it."""
        for name, value in (tags or {}).items():
            self.client.set_tag(self.run_id, name, value)
        self.client.set_terminated(self.run_id, status)
