"""A body that is counted, and timed, while it comes in parts."""

import asyncio

import pytest
from starlette.exceptions import HTTPException

from musicgen.serving.body_limit import BodyLimit

POST = {"type": "http", "method": "POST", "path": "/v1/continue", "headers": []}


async def _read_all(scope, receive, send):
    while (await receive())["more_body"]:
        pass


def _refusal(limit, parts):
    """Let a body's parts be read, then silence; return the refusal's status and how many came."""
    taken = []

    async def receive():
        if len(taken) == len(parts):
            await asyncio.Event().wait()
        taken.append(parts[len(taken)])
        return {"type": "http.request", "body": taken[-1], "more_body": True}

    async def ask():
        async with asyncio.timeout(60):
            await limit(POST, receive, None)

    with pytest.raises(HTTPException) as refused:
        asyncio.run(ask())
    return refused.value.status_code, len(taken)


@pytest.mark.parametrize(("max_bytes", "taken"), [(3, 1), (4, 2), (7, 2), (8, 3), (11, 3)])
def test_a_body_is_refused_with_the_part_that_exceeds_the_limit(max_bytes, taken):
    limit = BodyLimit(_read_all, max_bytes, {"/v1/other": 1})
    assert _refusal(limit, [b"four"] * 3) == (413, taken)


def test_a_path_may_have_a_limit_of_its_own():
    limit = BodyLimit(_read_all, 1, {POST["path"]: 7})
    assert _refusal(limit, [b"four"] * 3) == (413, 2)


def test_a_body_that_just_fits_passes():
    parts = [{"body": b"four", "more_body": True}, {"body": b"four", "more_body": False}]

    async def receive():
        return parts.pop(0)

    asyncio.run(BodyLimit(_read_all, 8, {})(POST, receive, None))
    assert not parts


def test_a_body_that_dawdles_is_refused(monkeypatch):
    monkeypatch.setattr("musicgen.serving.body_limit.BODY_SECONDS", 0.2)
    assert _refusal(BodyLimit(_read_all, 100, {}), [b"four"] * 2) == (408, 2)
