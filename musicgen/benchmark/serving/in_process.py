"""An app that is asked without a network, a server, or another thread."""

import asyncio
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message


@dataclass(frozen=True)
class Answer:
    """What came back, but for the body.

    Attributes:
        status: of the answer.
        media_type: of its body, without parameters.
    """

    status: int
    media_type: str


class InProcess:
    """Runs an app's event loop just as long as it is asked something. Use it as a context."""

    def __init__(self, app: Any) -> None:
        self._app: ASGIApp = app
        self._runner = asyncio.Runner()
        self._lifespan = app.router.lifespan_context(app)

    def __enter__(self) -> Self:
        self._runner.run(self._lifespan.__aenter__())
        return self

    def __exit__(self, *_) -> None:
        self._runner.run(self._lifespan.__aexit__(None, None, None))
        self._runner.close()

    def ask(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Send a request and take in all of its answer; raises what the app raises."""
        place = urlsplit(url)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(place.path),
            "raw_path": place.path.encode(),
            "root_path": "",
            "query_string": place.query.encode(),
            "headers": Headers(headers).raw,
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 80),
        }
        return self._runner.run(self._ask(scope, body))

    async def _ask(self, scope: dict[str, Any], body: bytes) -> Answer:
        asked: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        over = asyncio.Event()
        answer = Answer(0, "")

        async def receive() -> Message:
            if asked:
                return asked.pop()
            await over.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            nonlocal answer
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                answer = Answer(message["status"], kind.partition(";")[0])
            elif not message.get("more_body"):
                over.set()

        await self._app(scope, receive, send)
        return answer
