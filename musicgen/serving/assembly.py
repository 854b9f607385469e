"""The parts of a server, put together, started and stopped."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from musicgen.registry import layout
from musicgen.serving.ballots import Ballots
from musicgen.serving.batcher import Batcher
from musicgen.serving.champions import Champions
from musicgen.serving.continuing import READ_UPLOAD
from musicgen.serving.dependencies import Limits, Service
from musicgen.serving.errands import Errands
from musicgen.serving.forms import ENGRAVE, Forms
from musicgen.serving.maker import Maker
from musicgen.serving.metrics import Metrics
from musicgen.serving.rate import RateLimit
from musicgen.serving.recorder import Recorder
from musicgen.serving.refusals import Refusals
from musicgen.serving.sandbox import Sandbox
from musicgen.serving.shelf import Shelf
from musicgen.serving.workers import Workers
from musicgen.settings import settings


def assembled(bucket_uri: str, limits: Limits, cache_path: Path) -> Service:
    """Return the parts of a server for a bucket's champions; none of them works yet."""
    champions = Champions(Shelf(bucket_uri, cache_path), limits.poll_seconds)
    workers = Workers(limits.threads, limits.waiting)
    errands = Errands(limits.deadline_seconds)
    batcher = Batcher(limits.growing, limits.growing_waiting, limits.deadline_seconds)
    metrics = Metrics(champions, workers, batcher)
    engraver = Sandbox(ENGRAVE)
    deadline_seconds = limits.deadline_seconds
    maker = Maker(champions, batcher, workers, errands, metrics, deadline_seconds)
    return Service(
        champions,
        maker,
        Forms(maker, workers, engraver, settings().soundfont_path, deadline_seconds),
        batcher,
        Sandbox(READ_UPLOAD, processes=2),
        engraver,
        asyncio.Semaphore(limits.jams),
        workers,
        errands,
        RateLimit(limits.requests_per_minute, limits.burst),
        metrics,
        Refusals(batcher, metrics),
        Recorder(layout.requests_uri(bucket_uri), limits.record_seconds),
        Ballots(layout.votes_uri(bucket_uri)),
    )


@asynccontextmanager
async def running(parts: Service, warm: bool) -> AsyncIterator[None]:
    """Let the parts work meanwhile; ``warm`` starts helping processes ahead of need."""
    await run_in_threadpool(parts.champions.start)
    parts.recorder.start()
    sandboxes = (parts.uploads, parts.engraver)
    if warm:
        for sandbox in sandboxes:
            sandbox.warm()
    yield
    for sandbox in sandboxes:
        sandbox.close()
    parts.champions.stop()
    parts.recorder.stop()
    parts.batcher.close()
    parts.workers.close()
    parts.errands.close()
