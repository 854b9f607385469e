"""Errors as problem documents (RFC 9457), each with a sentence for people."""

import inspect
import json
import logging
from http import HTTPStatus
from typing import Any, get_args, get_type_hints

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from musicgen.serving.signposts import signposted
from musicgen.serving.spoken import MADE, spoken

log = logging.getLogger(__name__)

_PHRASES = {499: "Client Closed Request"}  # nobody reads it but the log and the metrics

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """An answer other than the asked one.

    Attributes:
        status: HTTP status.
        detail: one sentence with cause and remedy.
        headers: further headers, such as ``Retry-After``.
        members: further members of the document.
    """

    def __init__(
        self, status: int, detail: str, headers: dict[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
        self.members = members

    def document(self) -> dict[str, Any]:
        """Return the problem as the members of its JSON document."""
        return {
            "type": "about:blank",
            "title": _PHRASES.get(self.status) or HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }

    def response(self) -> Response:
        """Return the problem as an HTTP response."""
        # ASCII, for the detail may repeat half a surrogate pair that somebody sent.
        content = json.dumps(self.document(), ensure_ascii=True)
        return Response(content, self.status, self.headers, MEDIA_TYPE)


def unavailable(detail: str, retry_after_seconds: int) -> Problem:
    """Return the problem of a service that may work again soon."""
    return Problem(503, detail, {"Retry-After": str(retry_after_seconds)})


def late(seconds: float) -> Problem:
    """Return the problem of a piece that could not be made in time."""
    detail = f"The piece was not done in {seconds:g} s; ask again soon, or for fewer bars."
    return Problem(504, detail, {"Retry-After": "2"})


def left() -> Problem:
    """Return the problem of a client that did not wait for the answer."""
    return Problem(499, "The client left.")


def unexpected(what: str, error: Exception) -> Problem:
    """Log an error that nobody foresaw, and return what may be said of it."""
    log.error("%s failed", what, exc_info=error)
    return Problem(500, "Something went wrong here; the server's log says what.")


def install(app: FastAPI) -> None:
    """Let every error that is foreseen be answered by a problem document; see ``Guards``."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(ClientDisconnect, _left)


async def _problem(request: Request, error: Problem) -> Response:
    return error.response()


async def _http_error(request: Request, error: HTTPException) -> Response:
    error = signposted(request, error)
    return Problem(error.status_code, error.detail, dict(error.headers or {})).response()


async def _validation_error(request: Request, error: RequestValidationError) -> Response:
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return Problem(400, "The body is not JSON.").response()
    sentences = [_sentence(request, item) for item in found]
    errors = [{"pointer": _pointer(item["loc"]), "detail": item["msg"]} for item in sentences]
    return Problem(422, errors[0]["detail"], errors=errors).response()


def _sentence(request: Request, item: dict[str, Any]) -> dict[str, Any]:
    """Return what FastAPI found with a sentence for its message, unless it has one already."""
    if item["type"] == MADE:
        return item
    place, *rest = item["loc"]
    model = _body_model(request) if place == "body" else None
    return spoken(model, [{**item, "loc": tuple(rest)}], place)[0]


def _body_model(request: Request) -> type[BaseModel] | None:
    """Return the model of the body that a route takes."""
    hint = get_type_hints(request.scope["endpoint"]).get("body")
    kinds = [kind for kind in (hint, *get_args(hint)) if inspect.isclass(kind)]
    return next((kind for kind in kinds if issubclass(kind, BaseModel)), None)


async def _left(request: Request, error: ClientDisconnect) -> Response:
    return left().response()


def _pointer(location: tuple[int | str, ...]) -> str:
    """Return where a value is: a JSON pointer into the body, else the parameter's place."""
    place, *rest = location
    steps = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in rest)
    return f"#{steps}" if place == "body" else f"{place}{steps}"
