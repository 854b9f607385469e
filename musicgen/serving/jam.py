"""The route of duets: a person and a model, on one clock."""

import asyncio
import itertools
import time
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from musicgen.errors import BadInput
from musicgen.generation.duet_piece import DuetPiece
from musicgen.generation.request import MAX_BARS
from musicgen.music.family import Family
from musicgen.serving.dependencies import Parts, Service, within_rate
from musicgen.serving.duet import Duet
from musicgen.serving.player import Player
from musicgen.serving.problems import Problem, unavailable
from musicgen.serving.spoken import spoken
from musicgen.serving.stream import Stream
from musicgen.serving.wishes import JamStart

router = APIRouter(prefix="/v1")

PROTOCOL = "musicgen"
START_SECONDS = 30
POLICY_VIOLATION, TRY_AGAIN_LATER = 1008, 1013

_numbers = itertools.count()


@router.websocket("/jam")
async def jam(socket: WebSocket, parts: Parts) -> None:
    """Play a duet until either side ends it; see docs/API.md for the messages."""
    offered = socket.scope.get("subprotocols", ())
    await socket.accept(PROTOCOL if PROTOCOL in offered else None)
    with suppress(WebSocketDisconnect):  # also of one who does not wait to be refused
        try:
            if parts.jams.locked():
                raise unavailable("Too many duets are being played; try again in a minute.", 60)
            async with parts.jams:
                await _play(socket, parts)
        except Problem as problem:
            await socket.send_json({**problem.document(), "type": "problem"})
            await socket.close(TRY_AGAIN_LATER if problem.status >= 500 else POLICY_VIOLATION)


async def _play(socket: WebSocket, parts: Service) -> None:
    await within_rate(socket, parts)
    start = await _start(socket)
    generation = None
    if start.version is None:
        champion = parts.champions.champion("lstm")
        player, generation = champion.player, champion.pointer.generation
    else:
        player = await parts.maker.player(start.version)
    stream, duet = _begun(start, player)
    ready = {"type": "ready", "version": player.version, "generation": generation}
    await socket.send_json({**ready, **duet.description()})
    with stream:
        tasks = [
            asyncio.ensure_future(_listen(socket, duet)),
            asyncio.ensure_future(_plan(socket, parts, duet, stream)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            await socket.send_json({"type": "end", "steps": duet.step})
            await socket.close()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _begun(start: JamStart, player: Player) -> tuple[Stream, Duet]:
    bars = {"bars": MAX_BARS} if not start.model_fields_set & {"bars", "seconds"} else {}
    request = start.model_copy(update=bars).requests(player.engine.tempo_qpm)[0]
    try:
        piece = player.engine.begin(request, DuetPiece)
    except BadInput as error:
        raise Problem(422, str(error)) from None
    stream = Stream(player.engine, piece, float("inf"), wants_frames=True)
    family, number = Family[start.instrument.upper()], next(_numbers)
    return stream, Duet(request, piece.tempo_qpm, family, start.ahead_steps, now_ms(), number)


async def _listen(socket: WebSocket, duet: Duet) -> None:
    """Take in what the person plays, and answer the clock, until they stop."""
    while (message := await _received(socket)).get("type") != "stop":
        if message["type"] == "sync":
            client_ms = _clock(message.get("client_ms"))
            sync = {"type": "sync", "client_ms": client_ms, "server_ms": now_ms()}
            await socket.send_json(sync)
        elif message["type"] == "note":
            duet.note(message)
        else:
            raise Problem(422, "Messages of a duet are of type sync, note or stop.")


async def _plan(socket: WebSocket, parts: Service, duet: Duet, stream: Stream) -> None:
    """Make each frame shortly before it sounds, with what was heard until then."""
    frames = stream.frames()
    while not stream.piece.done:
        await asyncio.sleep(max(0.0, duet.due_ms() - now_ms()) / 1000)
        started = time.perf_counter()
        stream.piece.hear(duet.heard())
        parts.batcher.wake(stream)
        (frame,) = await anext(frames)
        await socket.send_json(duet.plan(frame))
        parts.metrics.jam_seconds.observe(time.perf_counter() - started)


async def _start(socket: WebSocket) -> JamStart:
    try:
        async with asyncio.timeout(START_SECONDS):
            return JamStart.model_validate(await _received(socket))
    except TimeoutError:
        raise Problem(408, "A duet begins with a message of type start.") from None
    except ValidationError as error:
        first = spoken(JamStart, error.errors(include_url=False))[0]
        raise Problem(422, f"The duet cannot start: {first['msg']}") from None


async def _received(socket: WebSocket) -> dict[str, Any]:
    try:
        message = await socket.receive_json()
    except (ValueError, KeyError, RecursionError):  # the last one: lists in lists without end
        message = None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Problem(400, "Messages of a duet are JSON objects with a type.")
    return message


def _clock(value: Any) -> float:
    """Return a client's clock; what is not finite has no place in JSON."""
    if type(value) not in (int, float) or not abs(value) < float("inf"):  # NaN is not, either
        raise Problem(422, "The client_ms of a sync message is a finite number.")
    return value


def now_ms() -> float:
    """Return the server's clock; it never jumps, and starts anywhere."""
    return round(time.monotonic() * 1000, 3)
