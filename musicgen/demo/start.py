"""Bring all services up and wait until each is well."""

import time
from collections.abc import Callable, Sequence

import httpx

from musicgen.demo.processes import Processes
from musicgen.demo.services import Service
from musicgen.errors import MusicgenError

START_SECONDS = 180


def start_all(
    services: Sequence[Service], processes: Processes, say: Callable[[str], None]
) -> None:
    """Start what does not run yet and wait until all are healthy; what runs is reused.

    Raises:
        MusicgenError: a service ended or did not get well; what this call started is ended.
    """
    missing = [service for service in services if not processes.is_current(service)]
    for service in missing:
        processes.stop(service.name)
    reused = len(services) - len(missing)
    if reused:
        say(f"{reused} of {len(services)} services are running already.")
    try:
        for service in missing:
            processes.start(service)
        _wait(services, missing, processes, say)
    except BaseException:
        for service in reversed(missing):
            processes.stop(service.name)
        raise


def _wait(
    services: Sequence[Service],
    missing: Sequence[Service],
    processes: Processes,
    say: Callable[[str], None],
) -> None:
    start = time.monotonic()
    waiting = list(services)
    while waiting:
        for service in list(waiting):
            if is_healthy(service):
                waiting.remove(service)
                if service in missing:
                    say(f"{service.name} is up after {time.monotonic() - start:.0f} s.")
            elif processes.find(service.name) is None:
                raise MusicgenError(_with_log(f"{service.name} ended at once", service, processes))
            elif time.monotonic() - start > START_SECONDS:
                trouble = f"{service.name} is not well after {START_SECONDS} s"
                raise MusicgenError(_with_log(trouble, service, processes))
        time.sleep(0.5)


def is_healthy(service: Service) -> bool:
    """Whether the service says of itself that it is ready."""
    try:
        answer = httpx.get(service.health_url, timeout=5, trust_env=False)
    except httpx.HTTPError:
        return False
    if not answer.is_success:
        return False
    return service.component is None or answer.json()[service.component]["status"] == "healthy"


def _with_log(trouble: str, service: Service, processes: Processes) -> str:
    path = processes.log_path(service.name)
    lines = path.read_text(errors="replace").split("\n") if path.exists() else []
    last = next((line.strip() for line in reversed(lines) if line.strip()), "nothing")
    return f"{trouble}; its log is {path}, and the last line there: {last}"
