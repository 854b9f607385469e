"""Start and stop services by pid file: what is stopped is exactly what was started."""

import contextlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

from musicgen import manifest
from musicgen.demo.process_family import birth, end, left_behind, with_children
from musicgen.demo.services import Service, inherited_environment
from musicgen.settings import PROJECT_PATH

OURS = "MUSICGEN_"


@dataclass(frozen=True)
class Processes:
    """The services' processes as seen through their pid files.

    Attributes:
        home_path: the pid files are in its ``run``, the logs in its ``logs``.
    """

    home_path: Path

    def start(self, service: Service) -> None:
        """Start a service in a session of its own, its output going to its log."""
        self.log_path(service.name).parent.mkdir(parents=True, exist_ok=True)
        with self.log_path(service.name).open("ab") as log:
            process = subprocess.Popen(
                service.command,
                env={**inherited_environment(), **service.environment},
                cwd=PROJECT_PATH,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._write(service, psutil.Process(process.pid))

    def find(self, name: str) -> psutil.Process | None:
        """Return the process that the pid file tells of, if that very process still runs."""
        record = self._read(name)
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(record["pid"]) if record else None
            if (
                process is not None
                and birth(process) == record.get("birth")
                and process.status() != psutil.STATUS_ZOMBIE
            ):
                return process
        return None

    def is_current(self, service: Service) -> bool:
        """Whether the service runs, and was started as it would be started now."""
        return self.find(service.name) is not None and self._read(service.name)[
            "definition"
        ] == _definition(service)

    def names(self) -> list[str]:
        """Return the names of all services that were started, newest first."""
        paths = sorted(
            (self.home_path / "run").glob("*.json"), key=lambda path: path.stat().st_mtime
        )
        return [path.stem for path in reversed(paths)]

    def stop(self, name: str, patience_seconds: float = 10.0) -> bool:
        """End a service and all its descendants; return whether it ran.

        What a service left behind that was killed ends, too.
        """
        process, record = self.find(name), self._read(name)
        if process:
            end(with_children([process]), patience_seconds)
        elif record:
            end(left_behind(record["pid"], record.get("birth", "")), patience_seconds)
        self._path(name).unlink(missing_ok=True)
        return process is not None

    def log_path(self, name: str) -> Path:
        """Return where a service's output goes."""
        return self.home_path / "logs" / f"{name}.log"

    def _path(self, name: str) -> Path:
        return self.home_path / "run" / f"{name}.json"

    def _read(self, name: str) -> dict | None:
        try:
            return json.loads(self._path(name).read_text())
        except (FileNotFoundError, ValueError):
            return None

    def _write(self, service: Service, process: psutil.Process) -> None:
        self._path(service.name).parent.mkdir(parents=True, exist_ok=True)
        record = {
            "pid": process.pid,
            "birth": birth(process),
            "definition": _definition(service),
        }
        self._path(service.name).write_text(json.dumps(record))


def _definition(service: Service) -> list:
    """Return what a service is made of; what it inherits as a digest, for keys are among it."""
    environment = {key: value for key, value in service.environment.items() if key != "PATH"}
    inherited = {
        key: value
        for key, value in inherited_environment().items()
        if key.startswith(OURS) and key not in environment
    }
    return [list(service.command), environment, manifest.digest(inherited)]
