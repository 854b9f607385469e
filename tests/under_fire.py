"""Two runs asked for at once, and what breaks while the first of them trains."""

from dataclasses import dataclass

from demonstration import DAG_ID, Demonstration, wait_for

from musicgen.registry.channel import Channel
from musicgen.registry.pointer import Pointer

TRAINING = "training.train_lstm"
APPROVAL = "selection.approve_promotion"


@dataclass(frozen=True)
class UnderFire:
    """Two runs that have ended.

    Attributes:
        first: id of the run that was disturbed.
        second: id of the run that waited for it.
        champion: of the LSTMs, whose training was forgotten and done again under fire.
    """

    first: str
    second: str
    champion: Pointer


def two_runs_under_fire(demonstration: Demonstration) -> UnderFire:
    """Kill the first run's training, then the scheduler while the training is tried again."""
    champion = Channel(demonstration.bucket_uri, "lstm").settled()
    demonstration.forget(champion.run_id)
    first, second = (
        demonstration.trigger(families=["lstm"], promotion="approval") for _ in range(2)
    )
    wait_for(lambda: demonstration.tracked(first))
    killed = wait_for(lambda: demonstration.stage("train"))
    killed.kill()
    wait_for(lambda: demonstration.stage("train") not in (None, killed))
    demonstration.kill("airflow-scheduler")
    demonstration.start_again()
    demonstration.answer(first, APPROVAL, "Approve")
    for run_id in (first, second):
        demonstration.finished(run_id)
    return UnderFire(first, second, champion)


def clear(demonstration: Demonstration, run_id: str, task_id: str) -> None:
    """Clear a task and all after it, as a click in Airflow's UI does."""
    form = {
        "dry_run": False,
        "dag_run_id": run_id,
        "task_ids": [task_id],
        "include_downstream": True,
        "only_failed": False,
        "reset_dag_runs": True,
    }
    demonstration.airflow.request("POST", f"/api/v2/dags/{DAG_ID}/clearTaskInstances", json=form)
