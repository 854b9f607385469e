"""Who may ask at all: holders of keys, and pages of origins that are named."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from musicgen.errors import BadInput
from musicgen.serving.keys import Keys
from musicgen.serving.problems import Problem, unavailable

CLIENT = "musicgen.client"
"""Where a connection's scope holds whose key it came with."""

KEY_PROTOCOL = "key."
"""With a key behind it, a protocol that a WebSocket may offer beside ``musicgen``."""

OPEN_PATHS = ("/v1/openapi.json", "/v1/soundfont")


class Access:
    """Asks for a key on every path under ``/v1``, once there are keys, and guards WebSockets.

    Browsers let any page open a WebSocket anywhere, so its origin has to be ours or a named one.
    """

    def __init__(self, app: ASGIApp, keys: Keys, origins: tuple[str, ...]) -> None:
        self._app = app
        self._keys = keys
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a connection on, or refuse it with 401 or 403."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        problem = self._stranger(scope, headers) or self._foreigner(scope, headers)
        if problem is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            # Closing before accepting is answered with 403 by the server.
            await send({"type": "websocket.close", "code": 1008, "reason": problem.detail})
        else:
            await problem.response()(scope, receive, send)

    def _stranger(self, scope: Scope, headers: Headers) -> Problem | None:
        path = scope["path"]
        if not path.startswith("/v1/") or path in OPEN_PATHS:
            return None
        try:
            if not self._keys.needed():
                return None
            kind, _, token = headers.get("authorization", "").partition(" ")
            key = token.strip() if kind.lower() == "bearer" else headers.get("x-api-key", "")
            key = key or _offered(scope)
            owner = self._keys.owner(key) if key else None
        except BadInput as error:
            return unavailable(str(error), 60)
        if owner is None:
            detail = "Send a valid API key as 'Authorization: Bearer …' or 'X-API-Key: …'."
            return Problem(401, detail, {"WWW-Authenticate": "Bearer"})
        scope[CLIENT] = f"key {owner}"
        return None

    def _foreigner(self, scope: Scope, headers: Headers) -> Problem | None:
        origin = headers.get("origin")
        if scope["type"] != "websocket" or origin is None or origin in self._origins:
            return None
        if origin.partition("://")[2] == headers.get("host"):
            return None
        return Problem(403, "This page's origin may not play here.")


def _offered(scope: Scope) -> str:
    """Return the key among a WebSocket's protocols: pages can send it in no other header."""
    marked = (name for name in scope.get("subprotocols", ()) if name.startswith(KEY_PROTOCOL))
    return next(marked, "").removeprefix(KEY_PROTOCOL)
