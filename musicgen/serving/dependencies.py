"""What every route works with, made once per app."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from musicgen.serving.access import CLIENT
from musicgen.serving.ballots import Ballots
from musicgen.serving.batcher import Batcher
from musicgen.serving.champions import Champions
from musicgen.serving.errands import Errands
from musicgen.serving.forms import Forms
from musicgen.serving.maker import Maker
from musicgen.serving.metrics import Metrics
from musicgen.serving.problems import Problem
from musicgen.serving.rate import RateLimit
from musicgen.serving.recorder import Recorder
from musicgen.serving.refusals import Refusals
from musicgen.serving.sandbox import Sandbox
from musicgen.serving.workers import Workers


@dataclass(frozen=True)
class Limits:
    """How much the server takes on.

    Attributes:
        body_bytes: largest request body.
        upload_bytes: the same for a MIDI file with what surrounds it in a form.
        threads: how many jobs that take a thread, such as rendering sound, run at once.
        waiting: how many more may wait for that.
        growing: how many pieces of LSTMs grow at once.
        growing_waiting: how many more may wait for that.
        jams: how many duets are played at once.
        deadline_seconds: how long a piece may take from its request on.
        requests_per_minute: what one client may ask for in the long run.
        burst: what it may ask for at once.
        poll_seconds: how often the champion's pointer is looked at.
        record_seconds: how often it is written down what was asked for.
        warm: whether to start helping processes ahead of the first request that needs them.
    """

    body_bytes: int = 64 * 2**10
    upload_bytes: int = 2**20 + 2**14
    threads: int = 2
    waiting: int = 32
    growing: int = 96
    growing_waiting: int = 32
    jams: int = 128
    deadline_seconds: float = 30
    requests_per_minute: int = 240
    burst: int = 60
    poll_seconds: float = 5
    record_seconds: float = 60
    warm: bool = True


@dataclass(frozen=True)
class Service:
    """The parts of a running server."""

    champions: Champions
    maker: Maker
    forms: Forms
    batcher: Batcher
    uploads: Sandbox
    engraver: Sandbox
    jams: asyncio.Semaphore
    workers: Workers
    errands: Errands
    rate: RateLimit
    metrics: Metrics
    refusals: Refusals
    recorder: Recorder
    ballots: Ballots


# All of them are coroutines: FastAPI sends plain functions to threads, each way costs a turn.
async def service_of(request: HTTPConnection) -> Service:
    """Return the parts of the server that a request came to."""
    return request.app.state.service


Parts = Annotated[Service, Depends(service_of)]


async def within_rate(request: HTTPConnection, parts: Parts) -> None:
    """Count a request that costs something; raises a 429 problem beyond the client's rate."""
    address = request.client.host if request.client else "unknown"
    parts.rate.take(request.scope.get(CLIENT, address))


async def has_json_body(request: HTTPConnection) -> None:
    """Refuse a body of another media type than JSON with a 415 problem; no body is fine."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    has_body = request.headers.get("content-length", "0") != "0" or (
        "transfer-encoding" in request.headers
    )
    if has_body and kind != "application/json":
        raise Problem(415, f"The body is {kind or 'unnamed'}; send application/json.")


async def has_no_query(request: HTTPConnection) -> None:
    """Refuse parameters in the query, which would do nothing, with a 422 problem."""
    if names := ", ".join(dict.fromkeys(request.query_params)):
        path = request.url.path
        raise Problem(
            422, f"{path} takes its wishes as JSON in the body: move {names[:40]!r} there."
        )
