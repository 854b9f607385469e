"""What holds for every exchange: a limit on bodies, headers that guard, a count."""

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from musicgen.serving.batcher import Batcher, full
from musicgen.serving.metrics import Metrics
from musicgen.serving.problems import Problem

BODY_SECONDS = 20
METHODS = {"GET", "HEAD", "POST"}

# The page's own files and nothing else; sound comes as a blob, so that it can be sought in.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
GUARDS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class BodyLimit:
    """Refuses a body that declares too much (413), grows too large (413) or dawdles (408)."""

    def __init__(self, app: ASGIApp, max_bytes: int, paths: dict[str, int]) -> None:
        """Limit all bodies to ``max_bytes``, but those to ``paths`` to limits of their own."""
        self._app = app
        self._max_bytes = max_bytes
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body counted as it is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        max_bytes = self._paths.get(scope["path"], self._max_bytes)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > max_bytes:
            await Problem(413, f"{_too_large(max_bytes)}.").response()(scope, receive, send)
            return
        read_bytes, complete = 0, False
        deadline = asyncio.get_running_loop().time() + BODY_SECONDS

        async def counted() -> Message:
            nonlocal read_bytes, complete
            if complete:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, f"The body took longer than {BODY_SECONDS} s") from None
            complete = not message.get("more_body", False)
            read_bytes += len(message.get("body", b""))
            if read_bytes > max_bytes:
                raise HTTPException(413, _too_large(max_bytes))
            return message

        await self._app(scope, counted, send)


def _too_large(max_bytes: int) -> str:
    return f"The body is larger than {max_bytes} bytes"


class Guards:
    """Adds the headers that keep browsers to this origin, and counts answers."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and look after its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in GUARDS.items():
                    headers.setdefault(name, value)
                # A route's template, not its path: paths would be a series each.
                route = getattr(scope.get("route"), "path", "other")
                method = scope["method"] if scope["method"] in METHODS else "other"
                self._metrics.responses.labels(method, route, message["status"]).inc()
            await send(message)

        await self._app(scope, receive, guarded)


class Crowd:
    """Refuses what cannot be made now (503) before any of it is read: overload has to be cheap.

    It lies outside the other layers, so it adds their headers and counts by itself.
    """

    def __init__(
        self, app: ASGIApp, batcher: Batcher, metrics: Metrics, paths: tuple[str, ...]
    ) -> None:
        self._app = app
        self._batcher = batcher
        self._refused = {
            ("POST", path): metrics.responses.labels("POST", path, 503) for path in paths
        }
        refusal = full().response()
        refusal.headers.update(GUARDS)
        self._headers, self._body = refusal.raw_headers, refusal.body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on unless it asks for a piece and there are too many."""
        asked = (scope.get("method"), scope["path"]) if scope["type"] == "http" else None
        if asked not in self._refused:
            await self._app(scope, receive, send)
            return
        if not self._batcher.is_full:
            with self._batcher.expecting():
                await self._app(scope, receive, send)
            return
        self._refused[asked].inc()
        await send({"type": "http.response.start", "status": 503, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body})
