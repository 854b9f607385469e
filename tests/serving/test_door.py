"""Refusals as they go over the wire: the door and the layer behind it say the same."""

import socket
import threading
from functools import partial
from http.client import HTTPConnection, HTTPResponse

import pytest
import uvicorn

from musicgen.serving.app import create_app
from musicgen.serving.dependencies import Limits
from musicgen.serving.door import Door
from musicgen.serving.keys import Keys

BUSY = Limits(growing=0, growing_waiting=0, poll_seconds=3600, warm=False)
BODY = b'{"seed": 1}'
PLAIN = {"Content-Type": "application/json"}


@pytest.fixture
def address(bucket, tmp_path, wait_until):
    """Serve with no place for any piece, in a thread."""
    app = create_app(bucket.uri, BUSY, tmp_path / "cache", Keys(tmp_path / "keys.json"))
    door = partial(Door, refusals=app.state.service.refusals)
    server = uvicorn.Server(uvicorn.Config(app, http=door, log_level="error"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        wait_until(lambda: server.started)
        yield listener.getsockname()
        server.should_exit = True
        thread.join()


def _ask(connection: HTTPConnection, headers: dict[str, str], path="/v1/generate") -> HTTPResponse:
    connection.request("POST", path, BODY, headers)
    answer = connection.getresponse()
    answer.read()
    return answer


@pytest.mark.parametrize("way", [{}, {"Connection": "close"}, {"Origin": "https://example.org"}])
def test_every_way_to_ask_is_refused_in_the_same_words(address, way):
    connection = HTTPConnection(*address)
    connection.request("POST", "/v1/generate?x=1", BODY, PLAIN | way)
    answer = connection.getresponse()
    document = answer.read()
    headers = dict(answer.getheaders())
    for passing in ("date", "server", "connection"):
        headers.pop(passing, None)
    assert answer.status == 503
    assert b"try again in a second" in document
    assert headers["content-type"] == "application/problem+json"
    assert headers["retry-after"] == "1"
    assert headers["x-content-type-options"] == "nosniff"
    assert len(headers) == 9


def test_who_was_refused_may_ask_again_on_the_same_connection(address):
    connection = HTTPConnection(*address)
    answers = [_ask(connection, PLAIN), _ask(connection, PLAIN, "/v1/continue")]
    assert [answer.status for answer in answers] == [503, 503]
    connection.request("GET", "/metrics")
    counted = connection.getresponse().read().decode()
    for path in ("/v1/generate", "/v1/continue"):
        assert f'{{method="POST",route="{path}",status="503"}} 1.0' in counted


def test_what_is_left_of_a_refused_body_is_no_request(address):
    hidden = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"
    head = b"POST /v1/generate HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n"
    with socket.create_connection(address) as wire:
        wire.sendall(head % len(hidden))
        refusal = HTTPResponse(wire)
        refusal.begin()
        refusal.read()
        wire.sendall(hidden)  # the body, whatever it looks like
        wire.sendall(hidden.replace(b"healthz", b"nowhere"))
        answer = HTTPResponse(wire)
        answer.begin()
        assert (refusal.status, answer.status) == (503, 404)


def test_whoever_asks_for_something_else_comes_in(address):
    connection = HTTPConnection(*address)
    connection.request("GET", "/v1/options")
    assert connection.getresponse().status == 200
