"""A file server on this machine that misbehaves as it is told: it breaks off, dawdles, lies."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Play = Callable[[BaseHTTPRequestHandler, bytes], None]


@dataclass
class BadServer:
    """What it serves and what it was asked.

    Attributes:
        files: bytes by path.
        plays: how it behaves by path, one play a request; well, when there is none left.
        ranges: the Range header of each request by path, None where there was none.
        url: where it is.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    plays: dict[str, list[Play]] = field(default_factory=dict)
    ranges: dict[str, list[str | None]] = field(default_factory=dict)
    url: str = ""
    closing: threading.Event = field(default_factory=threading.Event)


@contextmanager
def bad_server() -> Iterator[BadServer]:
    """Run a server on the loopback interface while the block runs."""
    state = BadServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.lstrip("/")
            state.ranges.setdefault(path, []).append(self.headers["Range"])
            plays = state.plays.get(path, [])
            play = plays.pop(0) if plays else well
            self.closing = state.closing
            play(self, state.files.get(path))

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def well(handler, data) -> None:
    """Answer as a good server does, ranges included."""
    if data is None:
        status(404)(handler, data)
        return
    start = _start(handler)
    _head(handler, data, start)
    handler.wfile.write(data[start:])


def breaks_after(count: int) -> Play:
    """Close the connection after some bytes of the answer."""

    def play(handler, data):
        start = _start(handler)
        _head(handler, data, start)
        handler.wfile.write(data[start : start + count])

    return play


def silent_after(count: int) -> Play:
    """Send some bytes, then nothing, and leave the connection open."""

    def play(handler, data):
        start = _start(handler)
        _head(handler, data, start)
        handler.wfile.write(data[start : start + count])
        handler.wfile.flush()
        handler.closing.wait(10)

    return play


def dawdles(handler, data) -> None:
    """Send a byte now and then, never silent for long."""
    start = _start(handler)
    _head(handler, data, start)
    for at in range(start, len(data)):
        handler.wfile.write(data[at : at + 1])
        handler.wfile.flush()
        if handler.closing.wait(0.02):
            return


def status(code: int, **headers: str) -> Play:
    """Answer with an error."""

    def play(handler, data):
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return play


def knows_no_ranges(handler, data) -> None:
    """Send everything, whatever was asked for."""
    _head(handler, data, 0)
    handler.wfile.write(data)


def from_elsewhere(handler, data) -> None:
    """Answer a range with another one."""
    start = _start(handler) + 7
    _head(handler, data, start)
    handler.wfile.write(data[start:])


def _start(handler) -> int:
    asked = handler.headers["Range"]
    return int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0


def _head(handler, data: bytes, start: int) -> None:
    handler.send_response(206 if start else 200)
    handler.send_header("ETag", '"1"')
    handler.send_header("Content-Length", str(len(data) - start))
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
    handler.end_headers()
