"""The end of a pipeline run that came to none: MLflow is not left to think that it goes on."""

from dataclasses import dataclass

from musicgen.evaluation.tracking import client
from musicgen.registry.tracking import answering


@dataclass(frozen=True)
class ClosingResult:
    """What was left of a pipeline run.

    Attributes:
        closed: MLflow runs that were RUNNING and are not any more; none of a run that ended well.
    """

    closed: list[str]


def close_run(name: str) -> ClosingResult:
    """End, as failed, the MLflow run that stands for a pipeline run; as killed, what died in it.

    Safe to run twice; what is taken up again is RUNNING again.

    Args:
        name: of the pipeline run, as trainings were given it.

    Raises:
        MusicgenError: MLflow does not answer.
    """
    from musicgen.training.pipeline_run import PipelineRun

    with answering():
        mlflow = client()
        known = mlflow.search_experiments(filter_string="name LIKE 'musicgen-%'")
        experiments = [experiment.experiment_id for experiment in known]
        found = PipelineRun.settle(mlflow, experiments, name) if experiments else None
        return ClosingResult(found.abandon() if found else [])
