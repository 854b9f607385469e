"""The web application behind ``/musicgen`` on Airflow's API server, made when it is first used.

Airflow loads plugins in each of its processes, but only the API server serves: the others need not
pay for FastAPI's routes.
"""

from functools import cache
from typing import Any


@cache
def _application() -> Any:
    import musicgen_listening
    import musicgen_pages
    from fastapi import FastAPI

    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    made.include_router(musicgen_pages.router)
    made.include_router(musicgen_listening.router)
    return made


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Serve a request (ASGI)."""
    await _application()(scope, receive, send)
