"""Where stages run. Nothing but this module tells local from cloud."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from musicgen.errors import BadInput
from musicgen.stages import StageProcess, stage_process

RUNTIMES = ("gcp", "local")
DEFAULT_QUEUE = "default"


class Launcher(Protocol):
    """Runs one stage somewhere and waits for its result."""

    def run(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        on_line: Callable[[str], None],
    ) -> dict[str, Any]:
        """Run ``musicgen ARGUMENTS…``; return the JSON object that it prints.

        Raises:
            BadInput: the stage could not use its arguments; a second try would end the same.
            StageFailed: it ended in any other failure.
            TaskDeferred: it runs elsewhere; ``finish`` takes what the trigger's event tells.
        """

    def finish(self, event: Mapping[str, Any], job_id: str) -> dict[str, Any]:
        """Return the result of a stage that was waited for elsewhere; raises as ``run`` does."""

    def stop(self) -> None:
        """End the stage that runs and all that it started; nothing happens if none does."""


class LocalLauncher:
    """Runs a stage as a process on the Airflow worker's own machine."""

    def __init__(self) -> None:
        self._process: StageProcess | None = None

    def run(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        on_line: Callable[[str], None],
    ) -> dict[str, Any]:
        """Run the stage in a fresh process; see ``Launcher.run``."""
        self._process = stage_process(arguments, environment, on_line)
        return self._process.run()

    def finish(self, event: Mapping[str, Any], job_id: str) -> dict[str, Any]:
        """Never called: ``run`` does not defer."""
        raise NotImplementedError

    def stop(self) -> None:
        """End the process and its children."""
        if self._process is not None:
            self._process.stop()


def runtime() -> str:
    """Return what ``MUSICGEN_RUNTIME`` names, ``local`` if it names nothing.

    Raises:
        BadInput: there is no such runtime.
    """
    chosen = os.environ.get("MUSICGEN_RUNTIME") or "local"
    if chosen not in RUNTIMES:
        known = ", ".join(RUNTIMES)
        raise BadInput(f"MUSICGEN_RUNTIME is {chosen!r}, but stages can run on: {known}.")
    return chosen


def launcher(stage: str, context: Any, limit_seconds: int) -> Launcher:
    """Return what runs a stage.

    Args:
        stage: sub-command of ``musicgen``.
        context: of the Airflow task.
        limit_seconds: after which a job in the cloud ends by itself.

    Raises:
        BadInput: the runtime is unknown, or not set up.
    """
    if runtime() == "gcp":
        # Google's libraries take seconds to import, and only this runtime needs them.
        from musicgen_gcp.launcher import GcpLauncher, cloud_job
        from musicgen_gcp.settings import gcp_settings

        job = cloud_job(gcp_settings(), stage, context, limit_seconds)
        if job is not None:
            return GcpLauncher(job)
    return LocalLauncher()


def spark_cluster() -> tuple[Any, Any] | None:
    """Return the tasks that make and delete a cluster for a run's Spark stages, if it has one."""
    if runtime() != "gcp" or os.environ.get("MUSICGEN_GCP_SPARK") != "cluster":
        return None
    from musicgen_gcp.cluster import create_cluster, delete_cluster
    from musicgen_gcp.settings import gcp_settings

    return create_cluster(gcp_settings()), delete_cluster(gcp_settings())


def training_queue() -> str:
    """Return the Airflow queue of the workers that train."""
    if runtime() == "gcp" and os.environ.get("MUSICGEN_GCP_TRAINING") == "worker":
        return os.environ.get("MUSICGEN_GCP_TRAINING_QUEUE") or DEFAULT_QUEUE
    return DEFAULT_QUEUE


def expected_cost(request: Mapping[str, Any]) -> str | None:
    """Return what a run is expected to cost, None where nothing costs.

    Raises:
        BadInput: it is above the ceiling.
    """
    if runtime() != "gcp":
        return None
    from musicgen_gcp.cost import check
    from musicgen_gcp.settings import gcp_settings

    return str(check(gcp_settings(), request))


def cost_help() -> str:
    """Return what the trigger form says of costs; empty where nothing costs."""
    if runtime() != "gcp":
        return ""
    from musicgen_gcp.cost import help_text
    from musicgen_gcp.settings import gcp_settings

    return f" {help_text(gcp_settings())}"


def sweep_cloud(days: int) -> list[str]:
    """Remove what is ours in the cloud and older than some days; return a line for each."""
    if runtime() != "gcp":
        return []
    from musicgen_gcp.janitor import sweep
    from musicgen_gcp.settings import gcp_settings

    return sweep(gcp_settings(), timedelta(days=days))
