"""Where stages run. Nothing but this module tells local from cloud."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from musicgen.errors import BadInput
from musicgen.stages import StageProcess, stage_process


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
        """

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

    def stop(self) -> None:
        """End the process and its children."""
        if self._process is not None:
            self._process.stop()


LAUNCHERS: dict[str, Callable[[], Launcher]] = {"local": LocalLauncher}


def launcher() -> Launcher:
    """Return the launcher that ``MUSICGEN_RUNTIME`` names, the local one if it names none.

    Raises:
        BadInput: there is no such launcher.
    """
    runtime = os.environ.get("MUSICGEN_RUNTIME", "local")
    if runtime not in LAUNCHERS:
        known = ", ".join(sorted(LAUNCHERS))
        raise BadInput(f"MUSICGEN_RUNTIME is {runtime!r}, but stages can run on: {known}.")
    return LAUNCHERS[runtime]()
