"""Pieces that were ordered, wrapped as answers."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from musicgen.serving.dependencies import Service
from musicgen.serving.documents import PieceDocument
from musicgen.serving.events import events
from musicgen.serving.negotiation import JSON, STREAMS, SUFFIXES, SVG
from musicgen.serving.piece_id import PieceId
from musicgen.serving.player import Player
from musicgen.serving.problems import Problem, left
from musicgen.serving.telling import Telling

SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; sandbox"
"""A picture opened by itself brings its style and its font along, and nothing else."""

T = TypeVar("T")


@dataclass(frozen=True)
class Order:
    """What somebody asked for.

    Attributes:
        player: who plays it.
        piece_ids: the pieces, one or several variations.
        generation: of the champion's pointer, if that led to the player.
    """

    player: Player
    piece_ids: list[PieceId]
    generation: int | None = None


async def answer(request: Request, parts: Service, order: Order, form: str) -> Response:
    """Make the pieces and return them in the form that was asked for.

    Raises:
        Problem: 406, several pieces are no one file; else as ``Maker.score``.
    """
    started = time.perf_counter()

    def made() -> None:
        series = parts.metrics.making_seconds.labels(order.player.engine.family, form)
        series.observe(time.perf_counter() - started)

    if form in STREAMS:
        response = await _streamed(parts, order, form, made)
    else:
        content = await _until_left(request, _content(parts, order, form))
        response = Response(content, media_type=form)
        made()
    first = order.piece_ids[0]
    response.headers["Vary"] = "Accept"
    response.headers["X-Musicgen-Version"] = first.version
    response.headers["X-Musicgen-Seed"] = str(first.request.seed)
    response.headers["X-Musicgen-Piece"] = str(first)
    if order.generation is not None:
        response.headers["X-Musicgen-Generation"] = str(order.generation)
    if form == SVG:
        response.headers["Content-Security-Policy"] = SVG_POLICY
    if form in SUFFIXES:
        name = f"{first.version}-seed-{first.request.seed}.{SUFFIXES[form]}"
        response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def unless_known(request: Request, response: Response) -> Response:
    """Answer 304 to a client that has the piece already."""
    if isinstance(response, StreamingResponse):
        return response
    tag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "no-cache"
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": tag, "Cache-Control": "no-cache"})
    return response


async def _streamed(parts: Service, order: Order, form: str, made: Callable[[], None]) -> Response:
    """Return the stream's answer; the pieces have begun by then, so that refusals have a status."""
    tempo_qpm = order.player.engine.tempo_qpm
    pieces: list[tuple[PieceId, float, Telling]] = []
    try:
        for piece_id in order.piece_ids:
            notes = await parts.maker.notes(piece_id)
            pieces.append((piece_id, piece_id.request.tempo_qpm or tempo_qpm, notes))
    except BaseException:  # where one is refused, nobody will ask for those before it
        for _, _, notes in pieces:
            await notes.aclose()
        raise
    stream = events(pieces, order.generation, form, made)
    response = StreamingResponse(stream, media_type=form)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def _content(parts: Service, order: Order, form: str) -> bytes:
    if len(order.piece_ids) == 1:
        return await parts.forms.content(order.piece_ids[0], form)
    if form != JSON:
        raise Problem(406, f"Several variations are no one file; ask for {JSON} or a stream.")
    making = [asyncio.ensure_future(parts.maker.score(piece_id)) for piece_id in order.piece_ids]
    try:
        scores = await asyncio.gather(*making)
    finally:  # where one is refused, nobody will ask for the others
        for each in making:
            each.cancel()
    pairs = zip(order.piece_ids, scores, strict=True)
    first, *others = [PieceDocument.of(piece_id, score) for piece_id, score in pairs]
    return first.model_copy(update={"variations": others}).model_dump_json().encode()


async def _until_left(request: Request, work: Awaitable[T]) -> T:
    """Wait for work, or cancel it when the client leaves."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise left()
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
