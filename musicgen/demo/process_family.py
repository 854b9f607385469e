"""Processes as the system knows them: which is which, what they left behind, and their end."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

import psutil

BOOT_ID_PATH = Path("/proc/sys/kernel/random/boot_id")


def birth(process: psutil.Process) -> str:
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


def with_children(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Return the processes and all their descendants, each of them once, in this order."""
    processes = list(processes)
    found = dict.fromkeys(processes)
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            found.update(dict.fromkeys(process.children(recursive=True)))
    return list(found)


def left_behind(leader_pid: int, leader_birth: str) -> list[psutil.Process]:
    """Return what is left of the session that a dead process led.

    While any process is in a session, Linux gives its leader's pid to no other.
    """
    if _lives(leader_pid) or not BOOT_ID_PATH.exists():
        return []
    if not leader_birth.startswith(BOOT_ID_PATH.read_text().strip()):
        return []
    return [each for each in psutil.process_iter() if _session(each.pid) == leader_pid]


def end(family: list[psutil.Process], patience_seconds: float) -> None:
    """End a process and its descendants, which follow it in the list.

    First the process itself is asked, then its descendants, which lets running tasks stop their
    own; what is left after that is killed.
    """
    _terminate(family[:1])
    _, left = psutil.wait_procs(family, patience_seconds / 5)
    family = with_children(left)
    _terminate(family)
    _, left = psutil.wait_procs(family, patience_seconds)
    for each in with_children(left):
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()
    psutil.wait_procs(left, patience_seconds)


def _terminate(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()


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
