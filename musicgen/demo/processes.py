"""Start and stop services by pid file: what is stopped is exactly what was started."""

import contextlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

from musicgen import manifest
from musicgen.demo.services import Service, inherited_environment
from musicgen.settings import PROJECT_PATH

OURS = "MUSICGEN_"
BOOT_ID_PATH = Path("/proc/sys/kernel/random/boot_id")


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
                and _birth(process) == record.get("birth")
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

        First the service itself is asked, then its descendants, which lets running tasks stop their
        own; what is left after that is killed. So is what a service left behind that was killed.
        """
        process = self.find(name)
        family = [process, *process.children(recursive=True)] if process else self._orphans(name)
        if family:
            _terminate(family[:1])
            _, left = psutil.wait_procs(family, patience_seconds / 5)
            family = _with_children(left)
            _terminate(family)
            _, left = psutil.wait_procs(family, patience_seconds)
            for each in _with_children(left):
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
            psutil.wait_procs(left, patience_seconds)
        self._path(name).unlink(missing_ok=True)
        return process is not None

    def _orphans(self, name: str) -> list[psutil.Process]:
        """Return what is left of the session that a dead service led.

        While any process is in a session, Linux gives its leader's pid to no other.
        """
        record = self._read(name)
        if not record or _lives(record["pid"]) or not BOOT_ID_PATH.exists():
            return []
        if not record["birth"].startswith(BOOT_ID_PATH.read_text().strip()):
            return []
        return [each for each in psutil.process_iter() if _session(each.pid) == record["pid"]]

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
            "birth": _birth(process),
            "definition": _definition(service),
        }
        self._path(service.name).write_text(json.dumps(record))


def _birth(process: psutil.Process) -> str:
    """Return what tells a process from any other that had or will have its pid.

    Linux counts ticks since boot, which setting the clock does not change.
    """
    if not BOOT_ID_PATH.exists():
        return str(process.create_time())
    try:
        stat = Path(f"/proc/{process.pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        raise psutil.NoSuchProcess(process.pid) from None
    ticks = stat.rpartition(")")[2].split()[19]
    return f"{BOOT_ID_PATH.read_text().strip()} {ticks}"


def _lives(pid: int) -> bool:
    """Whether a process of this pid runs; where nobody collects the dead, theirs stay taken."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _definition(service: Service) -> list:
    """Return what a service is made of; what it inherits as a digest, for keys are among it."""
    environment = {key: value for key, value in service.environment.items() if key != "PATH"}
    inherited = {
        key: value
        for key, value in inherited_environment().items()
        if key.startswith(OURS) and key not in environment
    }
    return [list(service.command), environment, manifest.digest(inherited)]


def _with_children(processes: list[psutil.Process]) -> list[psutil.Process]:
    found = dict.fromkeys(processes)
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            found.update(dict.fromkeys(process.children(recursive=True)))
    return list(found)


def _terminate(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
