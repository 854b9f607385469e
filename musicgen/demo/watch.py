"""Follow a run of the pipeline to its end."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from musicgen.demo.airflow_client import FINISHED, AirflowClient
from musicgen.demo.task_table import display, task_rows
from musicgen.demo.training_progress import TrainingProgress
from musicgen.errors import MusicgenError

PERIOD_SECONDS = 2.0


def watch(
    airflow: AirflowClient,
    dag_id: str,
    run_id: str,
    training: TrainingProgress,
    console: Console,
) -> dict[str, Any]:
    """Show the run's tasks until it ends; return the run as the REST API tells it."""
    with display(console) as shown:
        while True:
            run = airflow.run(dag_id, run_id)
            instances = in_order(airflow.task_instances(dag_id, run_id))
            shown.show(task_rows(instances, training.lines(), datetime.now(UTC)))
            if run["state"] in FINISHED:
                return run
            time.sleep(PERIOD_SECONDS)


def in_order(instances: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return task instances as they began; those that have not come last, in the DAG's order."""
    return sorted(instances, key=lambda instance: instance["start_date"] or "9999")


def failure(
    instances: Sequence[Mapping[str, Any]], run: Mapping[str, Any], logs: Path
) -> Exception:
    """Return an error that names the tasks that failed and their logs."""
    lines = [f"The run {run['dag_run_id']} failed."]
    if run.get("note"):
        lines.append(run["note"])
    for instance in instances:
        if instance["state"] == "failed":
            lines.append(f"{instance['task_id']} failed; its log: {log_path(instance, logs)}")
    return MusicgenError("\n".join(lines))


def log_path(instance: Mapping[str, Any], logs: Path) -> Path:
    """Return where Airflow keeps the log of a task's latest try, below its log directory."""
    parts = [
        f"dag_id={instance['dag_id']}",
        f"run_id={instance['dag_run_id']}",
        f"task_id={instance['task_id']}",
    ]
    if instance["map_index"] >= 0:
        parts.append(f"map_index={instance['map_index']}")
    return logs.joinpath(*parts, f"attempt={instance['try_number']}.log")
