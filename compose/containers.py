"""Services of the compose file as containers of one network namespace, without compose itself.

Podman or Docker runs them. They see one another on a loopback interface of their own and nothing
else, so no port of this machine is taken, and a service that calls home would fail.
"""

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PREFIX = "musicgen-check"
POLL_SECONDS = 2.0


class CheckFailed(Exception):
    """A container did not do what its service promises."""


def engine() -> list[str]:
    """Return the command of the container engine: ``CONTAINER_ENGINE``, else what is installed."""
    found = os.environ.get("CONTAINER_ENGINE") or shutil.which("podman") or shutil.which("docker")
    if not found:
        raise CheckFailed("There is no container engine: apt install podman.")
    return shlex.split(found)


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess:
    """Run the engine; its output is kept."""
    defaults = {"capture_output": True, "text": True, "check": False}
    return subprocess.run([*engine(), *arguments], **{**defaults, **options})


def start_network(image: str) -> None:
    """Start the container that holds the network namespace, where every service is loopback."""
    wait_for_ever = ("python3", "-c", "import signal; signal.pause()")
    _start("network", ["--network=none", "--init", image, *wait_for_ever])


def start(name: str, service: Mapping[str, Any], hosts_path: Path) -> None:
    """Start a service as its part of the file says; ``hosts_path`` is its ``/etc/hosts``."""
    options = [f"--network=container:{PREFIX}-network", f"--memory={service['mem_limit']}"]
    options.append(f"--volume={hosts_path}:/etc/hosts:ro")
    options += [f"--cap-drop={each}" for each in service.get("cap_drop", [])]
    options += [f"--security-opt={each.partition(':')[0]}" for each in service["security_opt"]]
    options += [f"--env={key}={value}" for key, value in service["environment"].items()]
    for volume in service["volumes"]:
        source, _, target = volume.partition(":")
        options.append(f"--volume={PREFIX}-{source}:{target}")
    options += ["--init"] if service.get("init") else []
    options += [f"--user={service['user']}"] if "user" in service else []
    options += [f"--shm-size={service['shm_size']}"] if "shm_size" in service else []
    _start(name, [*options, service["image"], *service.get("command", [])])


def wait_until_healthy(name: str, service: Mapping[str, Any], seconds: float) -> float:
    """Wait until a service's own health check passes, or a one-shot one ends well.

    Returns how many seconds that took.

    Raises:
        CheckFailed: it ended, or was not healthy in time; its last words are in the message.
    """
    begin = time.monotonic()
    check = service.get("healthcheck", {}).get("test", [])[1:]
    while True:
        state = run("inspect", "--format={{.State.Status}} {{.State.ExitCode}}", _full(name))
        status, _, exit_code = state.stdout.strip().partition(" ")
        if not check and status == "exited" and exit_code == "0":
            return time.monotonic() - begin
        if status == "exited" or time.monotonic() - begin > seconds:
            raise CheckFailed(f"{name} is {status} ({exit_code}):\n{log(name)}")
        if check and status == "running" and run("exec", _full(name), *check).returncode == 0:
            return time.monotonic() - begin
        time.sleep(POLL_SECONDS)


def log(name: str) -> str:
    """Return a container's last words."""
    told = run("logs", "--tail=25", _full(name))
    return told.stdout + told.stderr


def inside(name: str, *command: str) -> str:
    """Run a command in a running container and return what it prints."""
    done = run("exec", _full(name), *command)
    if done.returncode:
        raise CheckFailed(f"{' '.join(command)} in {name}: {done.stderr.strip()}")
    return done.stdout.strip()


def once(image: str, *command: str) -> None:
    """Run a command in a container of its own.

    Raises:
        CheckFailed: it did not succeed.
    """
    extra = shlex.split(os.environ.get("CONTAINER_RUN_OPTIONS", ""))
    done = run("run", "--rm", "--network=none", *extra, image, *command)
    if done.returncode:
        raise CheckFailed(f"{' '.join(command)} in {image}: {done.stdout}{done.stderr}")


def remove_all() -> None:
    """Remove the containers and volumes of this check, whatever became of them."""
    for kind, listing in (("container", ("ps", "--all")), ("volume", ("volume", "ls"))):
        column = "{{.Names}}" if kind == "container" else "{{.Name}}"
        listed = run(*listing, f"--filter=name={PREFIX}-", f"--format={column}").stdout.split()
        # The network's container goes last: others depend on it.
        for name in sorted(listed, key=lambda name: name.endswith("-network")):
            run(kind, "rm", "--force", *(["--volumes"] if kind == "container" else []), name)


def _start(name: str, arguments: list[str]) -> None:
    extra = shlex.split(os.environ.get("CONTAINER_RUN_OPTIONS", ""))
    done = run("run", "--detach", f"--name={_full(name)}", *extra, *arguments)
    if done.returncode:
        raise CheckFailed(f"{name} did not start: {done.stderr.strip()}")


def _full(name: str) -> str:
    return f"{PREFIX}-{name}"
