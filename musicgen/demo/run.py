"""The demonstration from start to end, and its stop."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console

from musicgen import storage
from musicgen.demo import airflow_config, preflight
from musicgen.demo.airflow_client import AirflowClient
from musicgen.demo.listen import Piece, listen
from musicgen.demo.memory import MemoryPeak
from musicgen.demo.preflight import check_ports
from musicgen.demo.processes import Processes
from musicgen.demo.services import Addresses, Ports, airflow_home, services
from musicgen.demo.start import start_all
from musicgen.demo.training_progress import TrainingProgress
from musicgen.demo.watch import failure, watch
from musicgen.errors import MusicgenError
from musicgen.settings import Settings, settings

DAG_ID = "musicgen_pipeline"
OFFERED = ("corpus", "corpus_uri", "profile")
STOPPED_LAST = ("airflow-api-server", "mlflow")
"""Tasks that are made to end still report to these."""


@dataclass(frozen=True)
class DemoResult:
    """What the demonstration came to.

    Attributes:
        promotion: what ``musicgen promote`` printed.
        scores: by model, what ``musicgen evaluate`` printed.
        controls: by name, what the evaluation says of each.
        report_uri: the evaluation's report.
        piece: what the API played.
        seconds: that the DAG run took.
        peak_bytes: of memory, everything together.
        addresses: of the services.
        password: of Airflow's user.
    """

    promotion: dict[str, Any]
    scores: dict[str, Any]
    controls: dict[str, Any]
    report_uri: str
    piece: Piece
    seconds: float
    peak_bytes: int
    addresses: Addresses
    password: str


def demo(
    corpus: str = "music21", corpus_uri: str | None = None, profile: str = "quick", **conf: Any
) -> DemoResult:
    """Start what is needed, run the pipeline through Airflow, and play its champion.

    Services stay up afterwards, whatever happens; ``stop`` ends them.

    Args:
        corpus: ``music21``, ``musicnet`` or ``midi``.
        corpus_uri: where the corpus is; None for its own place.
        profile: how long to train.
        conf: further fields of the DAG's form.

    Raises:
        BadInput: a port is taken, room is short, a demonstration runs already, or there is no such
            corpus or profile.
        MusicgenError: a service, a task or the API failed; the message names its log.
    """
    preflight.check_profile(profile)
    here, ports, console = settings(), Ports.from_environment(), Console(stderr=True)
    form = {
        "corpus": corpus,
        "corpus_uri": preflight.corpus_location(corpus, corpus_uri),
        "profile": profile,
        "force": True,  # there has to be something to see, however often it is asked for
        **conf,
    }
    # Services inherit it: the form offers it first, and the weekly run takes it.
    os.environ.update({f"MUSICGEN_{name.upper()}": form[name] or "" for name in OFFERED})
    with preflight.only_one(here.home_path):
        preflight.check_room(here.home_path)
        processes = Processes(here.home_path)
        known = _start(here, ports, processes, console)
        try:
            with MemoryPeak(lambda: _roots(processes)) as memory:
                found = _run_and_listen(here, ports, known.password, form, console)
        except KeyboardInterrupt:
            console.print("The services stay up and the run goes on; `make stop` ends them.")
            raise
    return DemoResult(
        **found,
        peak_bytes=memory.peak_bytes,
        addresses=Addresses.of(ports),
        password=known.password,
    )


def stop() -> list[str]:
    """End exactly the services that were started; return the names of those that ran."""
    processes = Processes(settings().home_path)
    names = processes.names()
    stopped: list[str] = []
    with ThreadPoolExecutor() as pool:
        for last in (False, True):
            wave = [name for name in names if (name in STOPPED_LAST) == last]
            ran = list(pool.map(processes.stop, wave))
            stopped += [name for name, did in zip(wave, ran, strict=True) if did]
    return stopped


def _start(
    here: Settings, ports: Ports, processes: Processes, console: Console
) -> airflow_config.AirflowSecrets:
    """Bring the services up; return Airflow's secrets."""
    wanted = services(here, ports)
    check_ports(service for service in wanted if processes.find(service.name) is None)
    (here.home_path / "mlflow").mkdir(exist_ok=True)
    known = airflow_config.prepare(here, ports)
    start_all(wanted, processes, console.print)
    return known


def _run_and_listen(
    here: Settings, ports: Ports, password: str, form: dict[str, Any], console: Console
) -> dict[str, Any]:
    """Trigger a run, follow it, and play its champion; return fields of ``DemoResult``."""
    addresses = Addresses.of(ports)
    airflow = AirflowClient(addresses.airflow, airflow_config.USER, password)
    run = _run(airflow, form, addresses, airflow_home(here) / "logs", console)
    evaluation = airflow.result(DAG_ID, run["dag_run_id"], "selection.evaluate_models")
    promotion = airflow.result(DAG_ID, run["dag_run_id"], "selection.promote_champion")
    if not promotion["champion"]:
        found = evaluation["report_uri"]
        raise MusicgenError(f"Nobody is on stage: {promotion['reason']}. What was found: {found}")
    measured = storage.read_json(storage.join(evaluation["evaluation_uri"], "scores.json"))
    return {
        "promotion": promotion,
        "scores": evaluation["scores"],
        "controls": measured["controls"],
        "report_uri": evaluation["report_uri"],
        "piece": listen(addresses.api, promotion["champion"], here.home_path / "demo"),
        "seconds": _seconds(run),
    }


def _run(
    airflow: AirflowClient,
    form: dict[str, Any],
    addresses: Addresses,
    logs: Path,
    console: Console,
) -> dict[str, Any]:
    """Trigger a run as a click would and follow it; return it once it has succeeded."""
    airflow.log_in()
    airflow.wait_for_dag(DAG_ID)
    airflow.ensure_pool("gpu", preflight.trainings_at_once(), "Trainings at once")
    airflow.unpause(DAG_ID)
    run_id = _same_or_new_run(airflow, form, console)
    console.print(f"Run {run_id} of {DAG_ID} at {addresses.airflow}/dags/{DAG_ID}", soft_wrap=True)
    training = TrainingProgress(addresses.mlflow, form["corpus"], run_id)
    run = watch(airflow, DAG_ID, run_id, training, console)
    if run["state"] != "success":
        raise failure(airflow.task_instances(DAG_ID, run_id), run, logs)
    return run


def _same_or_new_run(airflow: AirflowClient, form: dict[str, Any], console: Console) -> str:
    """Return a run for this form: one that is under way, else a new one."""
    active = airflow.runs(DAG_ID, "running", "queued")
    same = [run["dag_run_id"] for run in active if run["conf"] == form]
    if same:
        console.print("Such a run is under way already; following it.")
        return same[0]
    if active:
        console.print(f"It has to wait for {active[0]['dag_run_id']}, which is under way.")
    return airflow.trigger(DAG_ID, form)


def _roots(processes: Processes) -> list[psutil.Process]:
    found = [processes.find(name) for name in processes.names()]
    return [psutil.Process(), *(process for process in found if process is not None)]


def _seconds(run: dict[str, Any]) -> float:
    start, end = (datetime.fromisoformat(run[key]) for key in ("start_date", "end_date"))
    return (end - start).total_seconds()
