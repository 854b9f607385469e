import socket
import sys

import pytest

from musicgen.demo.processes import Processes
from musicgen.demo.services import Service


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def processes(tmp_path):
    """Processes of a home of their own, all ended with the test."""
    found = Processes(tmp_path)
    yield found
    for name in found.names():
        found.stop(name, patience_seconds=1)


@pytest.fixture
def web_service(tmp_path):
    """A service that really serves: an empty directory, over HTTP."""
    port = free_port()
    return Service(
        "web",
        (
            sys.executable,
            "-m",
            "http.server",
            str(port),
            "--bind",
            "127.0.0.1",
            "-d",
            str(tmp_path),
        ),
        f"http://127.0.0.1:{port}/",
        port=port,
        port_variable="WEB_PORT",
    )
