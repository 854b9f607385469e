"""The application: routes, page, and the parts behind them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware

from musicgen import __version__, manifest
from musicgen.registry import layout
from musicgen.serving import continuing, health, jam, models, pieces, problems, studio, votes
from musicgen.serving.access import Access
from musicgen.serving.batcher import Batcher
from musicgen.serving.champions import Champions
from musicgen.serving.continuing import READ_UPLOAD
from musicgen.serving.dependencies import Limits, Service
from musicgen.serving.keys import Keys, keys_path
from musicgen.serving.maker import ENGRAVE, Maker
from musicgen.serving.metrics import Metrics
from musicgen.serving.middleware import BodyLimit, Crowd, Guards
from musicgen.serving.rate import RateLimit
from musicgen.serving.recorder import Recorder
from musicgen.serving.sandbox import Sandbox
from musicgen.serving.shelf import Shelf
from musicgen.serving.workers import Workers
from musicgen.settings import settings

SHARED = {
    "allow_methods": ["GET", "POST"],
    "allow_headers": ["Authorization", "X-API-Key", "Content-Type"],
    "expose_headers": [
        *(f"X-Musicgen-{name}" for name in ("Version", "Seed", "Generation", "Piece")),
        "ETag",
        "Retry-After",
    ],
}
"""What pages of other origins may send and read, where any are named."""


def create_app(
    bucket_uri: str,
    limits: Limits = Limits(),
    cache_path: Path | None = None,
    keys: Keys | None = None,
    origins: tuple[str, ...] = (),
) -> FastAPI:
    """Return the app that serves a bucket's champions.

    Args:
        bucket_uri: where the champions are.
        limits: how much to take on.
        cache_path: directory for local copies of bundles; by default under the settings' home.
        keys: who may ask; by default those that ``musicgen keys`` made.
        origins: other sites, such as ``https://example.org``, whose pages may use the API.
    """
    if cache_path is None:
        cache_path = settings().home_path / "serving" / manifest.digest(bucket_uri)
    champions = Champions(Shelf(bucket_uri, cache_path), limits.poll_seconds)
    workers = Workers(limits.threads, limits.waiting)
    batcher = Batcher(limits.growing, limits.growing_waiting, limits.deadline_seconds)
    engraver = Sandbox(ENGRAVE)
    metrics = Metrics(champions, workers, batcher)
    maker = Maker(
        champions,
        batcher,
        workers,
        engraver,
        metrics,
        settings().soundfont_path,
        limits.deadline_seconds,
    )
    rate = RateLimit(limits.requests_per_minute, limits.burst)
    uploads = Sandbox(READ_UPLOAD, processes=2)
    recorder = Recorder(layout.requests_uri(bucket_uri), limits.record_seconds)
    parts = Service(
        champions,
        maker,
        batcher,
        uploads,
        asyncio.Semaphore(limits.jams),
        workers,
        rate,
        metrics,
        recorder,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(champions.start)
        recorder.start()
        if limits.warm:
            uploads.warm()
            engraver.warm()
        yield
        uploads.close()
        engraver.close()
        champions.stop()
        recorder.stop()
        batcher.close()
        workers.close()

    app = FastAPI(
        title="musicgen",
        version=__version__,
        description="Music from the champion of the pipeline. Errors are problem documents.",
        lifespan=lifespan,
        openapi_url="/v1/openapi.json",
        docs_url=None,  # FastAPI's pages load their scripts from another host
        redoc_url=None,
    )
    app.state.service = parts
    app.state.bucket_uri = bucket_uri
    routed = (pieces, continuing, jam, models, votes, health)
    for router in (part.router for part in routed):
        app.include_router(router)
    studio.install(app)
    problems.install(app)
    app.add_middleware(
        BodyLimit, max_bytes=limits.body_bytes, paths={continuing.PATH: limits.upload_bytes}
    )
    app.add_middleware(Crowd, batcher=batcher, paths=("/v1/generate", continuing.PATH))
    app.add_middleware(Access, keys=keys or Keys(keys_path()), origins=origins)
    app.add_middleware(Guards, metrics=parts.metrics)
    if origins:
        app.add_middleware(CORSMiddleware, allow_origins=origins, **SHARED)
    return app
