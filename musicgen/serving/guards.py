"""What holds for every exchange: headers that guard, a count, and a word if all else fails."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from musicgen.serving.metrics import Metrics
from musicgen.serving.problems import unexpected

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


class Guards:
    """Adds the headers that keep browsers to this origin, and counts answers.

    What nobody foresaw is answered here too: Starlette would answer it outside of all our layers,
    where no header is added and nothing is counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and look after its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in GUARDS.items():
                    headers.setdefault(name, value)
                # A route's template, not its path: paths would be a series each.
                route = getattr(scope.get("route"), "path", "other")
                method = scope["method"] if scope["method"] in METHODS else "other"
                self._metrics.responses.labels(method, route, message["status"]).inc()
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception as error:
            if begun:
                raise
            problem = unexpected(f"{scope['method']} {scope['path']}", error)
            await problem.response()(scope, receive, guarded)
