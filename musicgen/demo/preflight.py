"""What must be so before anything is started; each failure is a sentence with its remedy."""

import contextlib
import errno
import fcntl
import shutil
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil

from musicgen.corpus import catalogue
from musicgen.demo.services import HOST, Service
from musicgen.errors import BadInput
from musicgen.settings import as_uri
from musicgen.storage import local_path

PROFILES = ("quick", "standard", "full")
DISK_BYTES = 2 * 2**30
MEMORY_BYTES = 4 * 2**30
TRAINING_BYTES = 2 * 2**30
"""A second training takes so much more, and some to spare."""


@contextlib.contextmanager
def only_one(home_path: Path) -> Iterator[None]:
    """Hold the demonstration's lock; it goes with the process, however that ends.

    Raises:
        BadInput: another demonstration holds it.
    """
    home_path.mkdir(parents=True, exist_ok=True)
    with (home_path / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            raise BadInput(
                f"A demonstration is already running in {home_path}: wait for it, "
                "or give this one a home of its own with MUSICGEN_HOME."
            ) from None
        yield


def check_ports(services: Iterable[Service]) -> None:
    """Make sure that the services can have their ports.

    Raises:
        BadInput: another program has one.
    """
    for service in services:
        if service.port is not None and not _is_free(service.port):
            raise BadInput(
                f"Port {service.port}, which {service.name} needs, is taken by another program: "
                f"end that, or choose another port with {service.port_variable}={service.port + 1}."
            )


def check_room(home_path: Path) -> None:
    """Make sure that there is disk and memory enough.

    Raises:
        BadInput: there is not.
    """
    free = shutil.disk_usage(home_path).free
    if free < DISK_BYTES:
        raise BadInput(
            f"{home_path} has {_gib(free)} free, and the demonstration needs {_gib(DISK_BYTES)}: "
            "free some space or choose another place with MUSICGEN_HOME."
        )
    available = psutil.virtual_memory().available
    if available < MEMORY_BYTES:
        raise BadInput(
            f"Only {_gib(available)} of memory is available, and the demonstration needs "
            f"{_gib(MEMORY_BYTES)}: end some other programs and try again."
        )


def trainings_at_once() -> int:
    """Return how many trainings this machine takes side by side: 1 or 2.

    Neither model keeps several cores busy by itself, so two take less time than one after the
    other. A GPU is for one.
    """
    has_room = psutil.virtual_memory().available >= MEMORY_BYTES + TRAINING_BYTES
    return 2 if has_room and shutil.which("nvidia-smi") is None else 1


def check_profile(profile: str) -> None:
    """Make sure that the pipeline's form offers a profile.

    Raises:
        BadInput: it does not.
    """
    if profile not in PROFILES:
        raise BadInput(f"There is no profile {profile!r}; choose {', '.join(PROFILES)}.")


def corpus_location(corpus: str, location: str | None) -> str | None:
    """Return where the corpus is, so that it means the same in any directory.

    Raises:
        BadInput: there is no such corpus, it needs a location, or there is nothing.
    """
    catalogue.find(corpus)
    if not location:
        if corpus == "midi":
            raise BadInput("The corpus midi is a folder of your own: name it in CORPUS_URI.")
        return None
    if corpus == "music21":
        return location
    path = local_path(as_uri(location))
    if path is not None and not path.exists():
        raise BadInput(f"There is nothing at {path}: give the place of the corpus in CORPUS_URI.")
    return str(path) if path is not None else location


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _gib(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:.1f} GiB"
