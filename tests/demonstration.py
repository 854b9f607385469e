"""A real demonstration on a small folder of MIDI files."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from datasets import COMPOSERS, small_score

from musicgen.demo.airflow_client import FINISHED, AirflowClient
from musicgen.demo.processes import Processes
from musicgen.music.midi import write_midi
from musicgen.training.config import OPTIONS, own_settings

PROJECT_PATH = Path(__file__).resolve().parents[1]
DAG_ID = "musicgen_pipeline"
PIECES = 40
PATIENCE_SECONDS = 900
"""How long to wait for what must come: a loaded machine is slow, and no test is about speed."""
SECONDS_TO_NOTICE = 3
OVERRIDES = ["epochs=1", "steps_per_epoch=4", "batch_size=4", "samples_every=0", "fuse=false"]
"""Trainings so short that to compile a step would take longer than to make it a few times."""
DEMO = f"""
import dataclasses, json, sys
from musicgen.demo import start
from musicgen.demo.run import demo
start.START_SECONDS = {PATIENCE_SECONDS}
result = demo("midi", sys.argv[1], overrides={OVERRIDES!r})
print(json.dumps(dataclasses.asdict(result), default=str))
"""
START_AGAIN = f"""
from musicgen.demo import start
from musicgen.demo.processes import Processes
from musicgen.demo.services import Ports, services
from musicgen.settings import settings
start.START_SECONDS = {PATIENCE_SECONDS}
here = settings()
start.start_all(services(here, Ports.from_environment()), Processes(here.home_path), print)
"""


@dataclass(frozen=True)
class Demonstration:
    """A demonstration that has run, its services still up.

    Attributes:
        home_path: everything that it keeps.
        corpus_path: the folder of MIDI files.
        environment: of its processes.
        result: the fields of ``DemoResult`` as JSON.
        said: what it wrote on standard error.
        airflow: a client that is logged in.
    """

    home_path: Path
    corpus_path: Path
    environment: dict[str, str]
    result: dict[str, Any]
    said: str
    airflow: AirflowClient

    @property
    def bucket_uri(self) -> str:
        """Where data and models are."""
        return f"file://{self.home_path}/bucket"

    def trigger(self, **form: Any) -> str:
        """Start another run of the same training on the same corpus."""
        families = form.get("families", OPTIONS)
        told = [pair for pair in OVERRIDES if any(own_settings(each, [pair]) for each in families)]
        default = {"corpus": "midi", "corpus_uri": str(self.corpus_path), "overrides": told}
        return self.airflow.trigger(DAG_ID, default | form)

    def new_data(self, **extra: str) -> str:
        """Report new data, as those who bring some do; return the run that starts for it."""
        named = {"name_pattern": "musicgen_new_data"}
        (asset,) = self.airflow.request("GET", "/api/v2/assets", params=named)["assets"]
        event = {"asset_id": asset["id"], "extra": extra}
        self.airflow.request("POST", "/api/v2/assets/events", json=event)

        def started() -> str | None:
            runs = self.airflow.runs(DAG_ID)
            ids = [run["dag_run_id"] for run in runs if run["run_type"] == "asset_triggered"]
            return ids[-1] if ids else None

        return wait_for(started)

    def finished(self, run_id: str, dag_id: str = DAG_ID) -> dict[str, Any]:
        """Wait for a run's end and return it."""
        return wait_for(lambda: self._ended(run_id, dag_id))

    def stage(self, name: str) -> psutil.Process | None:
        """Return the process that runs a stage now."""
        command, home = ["-m", "musicgen", name], str(self.home_path)
        for process in psutil.process_iter(["cmdline", "environ"]):
            if (process.info["cmdline"] or [])[1:4] == command and is_of(process, home):
                return process
        return None

    def kill(self, service: str) -> None:
        """Kill a service at once, and nothing of what it started."""
        Processes(self.home_path).find(service).kill()

    def start_again(self) -> None:
        """Bring up what does not run, as ``make demo`` does."""
        python(self.environment, "-c", START_AGAIN, check=True)

    def forget(self, run_id: str) -> None:
        """Delete a run in MLflow, as a click there does: what it trained is trained anew."""
        address = f"{self.result['addresses']['mlflow']}/api/2.0/mlflow/runs/delete"
        httpx.post(address, json={"run_id": run_id}).raise_for_status()

    def tracked(self, run_id: str, tag: str = "musicgen.airflow_run") -> list[dict[str, Any]]:
        """Return the MLflow runs of what a DAG run trained: those with its id in a tag."""
        with httpx.Client(base_url=self.result["addresses"]["mlflow"]) as http:
            path = "/api/2.0/mlflow/experiments/get-by-name"
            found = http.get(path, params={"experiment_name": "musicgen-midi"}).json()
            search = {
                "experiment_ids": [found["experiment"]["experiment_id"]],
                "filter": f"tags.`{tag}` = '{run_id}'",
            }
            return http.post("/api/2.0/mlflow/runs/search", json=search).json().get("runs", [])

    def history(self, tracked: dict[str, Any], metric: str) -> list[dict[str, Any]]:
        """Return all values of a metric that MLflow has of a run."""
        address = f"{self.result['addresses']['mlflow']}/api/2.0/mlflow/metrics/get-history"
        named = {"run_id": tracked["info"]["run_id"], "metric_key": metric}
        return httpx.get(address, params=named).json()["metrics"]

    def states(self, run_id: str, dag_id: str = DAG_ID) -> dict[str, str]:
        """Return the states of a run's tasks."""
        instances = self.airflow.task_instances(dag_id, run_id)
        return {each["task_id"]: each["state"] for each in instances}

    def answer(self, run_id: str, task_id: str, option: str, dag_id: str = DAG_ID) -> None:
        """Answer a task that asks a person."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/-1/hitlDetails"
        chosen = {"chosen_options": [option]}
        self.asked(
            run_id, task_id, lambda: self.airflow.request("PATCH", path, json=chosen), dag_id
        )

    def asked(
        self, run_id: str, task_id: str, answer: Callable[[], Any], dag_id: str = DAG_ID
    ) -> None:
        """Let somebody answer a task that asks, whenever it asks, until it asks no more.

        Airflow asks again if the answer comes before its scheduler has noticed the question.
        """

        def answered() -> bool:
            state = self.states(run_id, dag_id).get(task_id)
            if state == "awaiting_input":
                time.sleep(SECONDS_TO_NOTICE)
                answer()
                time.sleep(SECONDS_TO_NOTICE)
            return state in FINISHED

        wait_for(answered)

    def _ended(self, run_id: str, dag_id: str) -> dict[str, Any] | None:
        run = self.airflow.run(dag_id, run_id)
        return run if run["state"] in FINISHED else None


def wait_for(condition, seconds=PATIENCE_SECONDS):
    """Return the first true value of the condition; fail if there is none in time."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.5)
    return value


def is_of(process: psutil.Process, home: str) -> bool:
    """Whether a process, looked at with its ``environ``, belongs to a demonstration."""
    return (process.info["environ"] or {}).get("MUSICGEN_HOME") == home


def python(environment, *arguments, **options):
    """Run Python in the demonstration's environment."""
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, env=environment, cwd=PROJECT_PATH, capture_output=True, text=True, **options
    )


def environment_of(root: Path) -> dict[str, str]:
    """Return the environment of a demonstration that has a home and ports of its own."""
    environment = {**os.environ, **free_ports(), "MUSICGEN_HOME": str(root / "var")}
    for name in ("MUSICGEN_BUCKET", "MUSICGEN_TRACKING_URI", "MLFLOW_TRACKING_URI"):
        environment.pop(name, None)
    return environment


def run_demonstration(root: Path, environment: dict[str, str]) -> Demonstration:
    """Start everything, run the pipeline through Airflow, and play the champion."""
    corpus_path = small_corpus(root / "midi")
    # As the demonstration leaves it to its services: else all would be started again with them.
    offered = {"CORPUS": "midi", "CORPUS_URI": str(corpus_path), "PROFILE": "quick"}
    environment |= {f"MUSICGEN_{name}": value for name, value in offered.items()}
    done = python(environment, "-c", DEMO, str(corpus_path), check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    result = json.loads(done.stdout.splitlines()[-1])
    airflow = AirflowClient(result["addresses"]["airflow"], "admin", result["password"])
    airflow.log_in()
    return Demonstration(root / "var", corpus_path, environment, result, done.stderr, airflow)


def small_corpus(path: Path) -> Path:
    """Write tunes by two composers, each tune a work."""
    for number in range(PIECES):
        score = small_score(number, family=number % 2)
        file_path = path / COMPOSERS[number % 2] / f"piece-{number:03d}.mid"
        file_path.parent.mkdir(parents=True, exist_ok=True)
        file_path.write_bytes(write_midi(score))
    return path


def free_ports() -> dict[str, str]:
    """Return ports that nobody has now, for all services."""
    with ExitStack() as stack:
        ports = {}
        for name in ("AIRFLOW_PORT", "MLFLOW_PORT", "API_PORT"):
            probe = stack.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            ports[name] = str(probe.getsockname()[1])
        return ports
