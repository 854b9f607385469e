"""The server process."""

import errno
import logging
import socket
import sys
from copy import deepcopy
from functools import partial
from http import HTTPStatus

import uvicorn
from uvicorn.config import LOGGING_CONFIG

from musicgen.errors import BadInput
from musicgen.serving.app import create_app
from musicgen.serving.dependencies import Limits
from musicgen.serving.door import Door

SWITCH_SECONDS = 1e-4
"""How long a thread may keep the interpreter from others. The batcher's is always busy, and the
event loop lets go several times a request: with Python's 5 ms each of them would cost that much."""


def serve(
    bucket_uri: str,
    host: str = "127.0.0.1",
    port: int = 8000,
    limits: Limits = Limits(),
    origins: tuple[str, ...] = (),
) -> None:
    """Serve the champion until the process is told to stop (SIGINT, SIGTERM).

    Requests under way are answered before it ends, for at most ten seconds.

    Raises:
        BadInput: the port is taken, or the address is not this machine's.
    """
    listener = _bound(host, port)
    app = create_app(bucket_uri, limits, origins=origins)
    config = uvicorn.Config(
        app,
        http=partial(Door, refusals=app.state.service.refusals),
        log_config=_logging(),
        server_header=False,
        timeout_keep_alive=30,
        ws_max_size=2**14,  # a message of a duet has a hundred bytes
        timeout_graceful_shutdown=10,
    )
    sys.setswitchinterval(SWITCH_SECONDS)
    with listener:
        uvicorn.Server(config).run(sockets=[listener])


def _bound(host: str, port: int) -> socket.socket:
    """Take the port before anything is loaded."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):
        raise BadInput(f"There is no host {host!r}: serve on 127.0.0.1 or 0.0.0.0.") from None
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise BadInput(_reason(error, host, port)) from None
    return listener


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken: stop what listens there, or choose another --port."
    if error.errno == errno.EACCES:
        return f"Port {port} is for the system only: choose a --port from 1024 on."
    return f"{host}:{port} cannot be listened on ({error.strerror}): choose another --host."


def _logging() -> dict:
    """Return uvicorn's logging with all lines on standard error, ours among them."""
    config = deepcopy(LOGGING_CONFIG)
    for handler in config["handlers"].values():
        handler["stream"] = "ext://sys.stderr"
    config["filters"] = {"taken": {"()": _Taken}}
    config["loggers"]["uvicorn.access"]["filters"] = ["taken"]
    config["loggers"]["musicgen"] = {"handlers": ["default"], "level": "INFO", "propagate": False}
    return config


class _Taken(logging.Filter):
    """Leaves refusals out of the log: overload has to be cheap, and ``/metrics`` counts them."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.args[-1] != HTTPStatus.SERVICE_UNAVAILABLE
