"""The application: routes, page, and what is laid around them."""

from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from musicgen import __version__, manifest
from musicgen.serving import continuing, health, jam, models, pieces, problems, studio, votes
from musicgen.serving.access import Access
from musicgen.serving.assembly import assembled, running
from musicgen.serving.body_limit import BodyLimit
from musicgen.serving.crowd import Crowd
from musicgen.serving.dependencies import Limits, Service
from musicgen.serving.guards import Guards
from musicgen.serving.keys import Keys, keys_path
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
    parts = assembled(bucket_uri, limits, cache_path)
    app = FastAPI(
        title="musicgen",
        version=__version__,
        description="Music from the champion of the pipeline. Errors are problem documents.",
        lifespan=lambda app: running(parts, limits.warm),
        openapi_url="/v1/openapi.json",
        servers=[{"url": "/"}],  # the specification's default, but some clients ask for it
        generate_unique_id_function=lambda route: route.name,  # what clients call it
        docs_url=None,  # FastAPI's pages load their scripts from another host
        redoc_url=None,
    )
    app.state.service = parts
    app.state.bucket_uri = bucket_uri
    for part in (pieces, continuing, jam, models, votes, health):
        app.include_router(part.router)
    studio.install(app)
    problems.install(app)
    _wrap(app, parts, limits, keys or Keys(keys_path()), origins)
    return app


def _wrap(
    app: FastAPI, parts: Service, limits: Limits, keys: Keys, origins: tuple[str, ...]
) -> None:
    """Lay around the routes what holds for all of them, from the inside outwards."""
    app.add_middleware(
        BodyLimit, max_bytes=limits.body_bytes, paths={continuing.PATH: limits.upload_bytes}
    )
    app.add_middleware(Access, keys=keys, origins=origins)
    app.add_middleware(Guards, metrics=parts.metrics)
    app.add_middleware(Crowd, refusals=parts.refusals)
    if origins:
        app.add_middleware(CORSMiddleware, allow_origins=origins, **SHARED)
