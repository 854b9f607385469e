"""What is told to who comes to a path that is none, or in a way that it does not take."""

from collections.abc import Iterator

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

_FILES = ("GET", "HEAD")


def signposted(request: Request, error: HTTPException) -> HTTPException:
    """Return an error of routing with a detail that says where to turn; any other as it is."""
    path = request.url.path
    if error.status_code == 405:
        methods = _methods(request)
        detail = f"{path} does not take {request.method}: use {' or '.join(methods)}."
        return HTTPException(405, detail, {"Allow": ", ".join(methods)})
    if error.status_code == 404 and _is_websocket(request):
        headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
        return HTTPException(426, f"{path} is a WebSocket: connect to it as one.", headers)
    if error.status_code == 404:
        return HTTPException(404, f"There is no {path}: /v1/openapi.json lists what there is.")
    return HTTPException(
        error.status_code, f"{request.method} {path}: {error.detail}.", dict(error.headers or {})
    )


def _methods(request: Request) -> list[str]:
    """Return what a path takes; its routes are asked for all, each knows but its own methods."""
    routes = _routes(request, "http")
    return sorted({name for route in routes for name in getattr(route, "methods", _FILES)})


def _is_websocket(request: Request) -> bool:
    """Return whether a path is a WebSocket's alone; folders of files match either way."""
    return any(_routes(request, "websocket")) and not any(_routes(request, "http"))


def _routes(request: Request, kind: str) -> Iterator[BaseRoute]:
    root = request.scope.get("app_root_path", "")  # a mount has moved the other one
    scope = {**request.scope, "type": kind, "root_path": root}
    for route in request.app.routes:
        if route.matches(scope)[0] != Match.NONE:
            yield route
