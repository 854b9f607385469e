"""A limit on bodies, enforced while they are read."""

import asyncio

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from musicgen.serving.problems import Problem

BODY_SECONDS = 20


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
