"""The layer that refuses what cannot be made now, before any of it is read."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from musicgen.serving.places import Place
from musicgen.serving.refusals import STATUS, Refusals


class Crowd:
    """Refuses requests for pieces while there are too many, else keeps them a place.

    It lies outside the other layers, so its answer brings their headers and is counted already.
    """

    def __init__(self, app: ASGIApp, refusals: Refusals) -> None:
        self._app = app
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on unless it asks for a piece and there are too many."""
        method, path = scope.get("method", ""), scope.get("path", "")
        if scope["type"] != "http" or not self._refusals.concern(method, path):
            await self._app(scope, receive, send)
        elif self._refusals.due(method, path):
            headers = self._refusals.headers
            await send({"type": "http.response.start", "status": STATUS, "headers": headers})
            await send({"type": "http.response.body", "body": self._refusals.body})
        else:
            await self._with_place(scope, receive, send)

    async def _with_place(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep a place while it is found out what is asked for.

        Neither who is slow to send nor who is slow to read holds one.
        """
        place: Place | None = None

        async def received() -> Message:
            nonlocal place
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body") and not place:
                place = self._refusals.place()
            return message

        async def sent(message: Message) -> None:
            if place and message["type"] == "http.response.start":
                place.end()
            await send(message)

        try:
            await self._app(scope, received, sent)
        finally:
            if place:
                place.end()
