"""Places for pieces whose requests were read, and who holds none."""

import asyncio

import pytest

from musicgen.serving.crowd import Crowd
from musicgen.serving.places import Places

ASK = {"type": "http", "method": "POST", "path": "/v1/generate"}


class Refusals:
    """Refuses nobody."""

    def __init__(self):
        self.places = Places()

    def concern(self, method, path):
        return True

    def due(self, method, path):
        return False

    def place(self):
        return self.places.keep()


@pytest.fixture
def refusals():
    return Refusals()


def _ask(refusals, app, *parts):
    """Let an application answer a request whose body comes in parts; return what was kept then."""
    left = [{"type": "http.request", "body": b"", "more_body": more} for more in parts]
    kept = []

    async def receive():
        kept.append(refusals.places.kept)
        return left.pop(0)

    async def send(message):
        kept.append(refusals.places.kept)

    asyncio.run(Crowd(app, refusals)(ASK, receive, send))
    assert refusals.places.kept == 0, "whatever happened, none is kept for good"
    return kept


def test_who_is_slow_to_send_or_to_read_holds_no_place(refusals):
    between = []

    async def app(scope, receive, send):
        while (await receive())["more_body"]:
            pass
        between.append(refusals.places.kept)
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    assert _ask(refusals, app, True, True, False) == [0, 0, 0, 0, 0]
    assert between == [1]


def test_a_place_ends_when_the_piece_joins_and_once_only(refusals):
    places = refusals.places

    async def app(scope, receive, send):
        await receive()
        other = asyncio.create_task(asyncio.to_thread(lambda: None))
        await other
        assert places.kept == 1
        places.take()
        places.take()
        assert places.kept == 0

    _ask(refusals, app, False)


def test_a_request_that_fails_leaves_its_place(refusals):
    async def app(scope, receive, send):
        await receive()
        raise ConnectionError

    with pytest.raises(ConnectionError):
        _ask(refusals, app, False)
    assert refusals.places.kept == 0
