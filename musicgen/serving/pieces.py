"""Routes that make music."""

import hashlib
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response

from musicgen.errors import BadInput
from musicgen.serving.dependencies import Parts, Service, has_json_body, within_rate
from musicgen.serving.negotiation import JSON, MIDI, WAV, chosen_form
from musicgen.serving.piece_id import PieceId
from musicgen.serving.problems import Problem
from musicgen.serving.schemas import GenerateBody, PieceDocument, ProblemDocument

router = APIRouter(prefix="/v1", tags=["music"])

_FORMS = {MIDI: {}, WAV: {}}
_PROBLEM = {"model": ProblemDocument, "content": {"application/problem+json": {}}}
_PROBLEMS = dict.fromkeys((422, 429, 503), _PROBLEM)


@router.post(
    "/generate",
    summary="Make a piece",
    response_model=PieceDocument,
    responses={
        200: {"content": _FORMS, "description": "The piece, in the form that Accept asks for."},
        **dict.fromkeys((400, 404, 406, 413, 415), _PROBLEM),
        **_PROBLEMS,
    },
    dependencies=[Depends(has_json_body), Depends(within_rate)],
)
async def generate(
    request: Request,
    parts: Parts,
    body: GenerateBody | None = None,
    accept: Annotated[str | None, Header()] = None,
) -> Response:
    """Let a champion, or a version of your choice, make a piece.

    The answer names the version, the seed and the pointer's generation in its headers.
    """
    started = time.perf_counter()
    form = chosen_form(accept)
    body = body or GenerateBody()
    generation = None
    version = body.version
    if version is None:
        champion = parts.champions.champion(body.family)
        version, generation = champion.player.version, champion.pointer.generation
    piece_id = PieceId(version, body.request())
    response = await _answer(parts, piece_id, form)
    if generation is not None:
        response.headers["X-Musicgen-Generation"] = str(generation)
    family = version.partition("-")[0]
    parts.metrics.making_seconds.labels(family, form).observe(time.perf_counter() - started)
    return response


@router.get(
    "/pieces/{piece_id}.mid",
    summary="A piece as MIDI",
    response_class=Response,
    responses={200: {"content": {MIDI: {}}}, 404: _PROBLEM, **_PROBLEMS},
    dependencies=[Depends(within_rate)],
)
async def piece_midi(request: Request, parts: Parts, piece_id: Annotated[str, Path()]) -> Response:
    """Return a piece as a MIDI file, made again if need be."""
    return _unless_known(request, await _answer(parts, _parsed(piece_id), MIDI))


@router.get(
    "/pieces/{piece_id}.wav",
    summary="A piece as sound",
    response_class=Response,
    responses={200: {"content": {WAV: {}}}, 404: _PROBLEM, **_PROBLEMS},
    dependencies=[Depends(within_rate)],
)
async def piece_wav(request: Request, parts: Parts, piece_id: Annotated[str, Path()]) -> Response:
    """Return a piece as 44.1 kHz stereo sound, made again if need be."""
    return _unless_known(request, await _answer(parts, _parsed(piece_id), WAV))


@router.get(
    "/pieces/{piece_id}",
    summary="A piece as notes",
    response_model=PieceDocument,
    responses={404: _PROBLEM, **_PROBLEMS},
    dependencies=[Depends(within_rate)],
)
async def piece_notes(request: Request, parts: Parts, piece_id: Annotated[str, Path()]) -> Response:
    """Return a piece's notes, made again if need be."""
    return _unless_known(request, await _answer(parts, _parsed(piece_id), JSON))


async def _answer(parts: Service, piece_id: PieceId, form: str) -> Response:
    """Make a piece in a worker and wrap it."""
    content = await parts.workers.run(_content, parts, piece_id, form)
    response = Response(content, media_type=form)
    response.headers["Vary"] = "Accept"
    response.headers["X-Musicgen-Version"] = piece_id.version
    response.headers["X-Musicgen-Seed"] = str(piece_id.request.seed)
    response.headers["X-Musicgen-Piece"] = str(piece_id)
    if form != JSON:
        suffix = "mid" if form == MIDI else "wav"
        name = f"{piece_id.version}-seed-{piece_id.request.seed}.{suffix}"
        response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _content(parts: Service, piece_id: PieceId, form: str) -> bytes:
    score = parts.maker.score(piece_id)
    parts.metrics.notes.labels(piece_id.version.partition("-")[0]).inc(len(score.notes))
    if form == MIDI:
        return parts.maker.midi(piece_id)
    if form == WAV:
        return parts.maker.wav(piece_id)
    return PieceDocument.of(piece_id, score).model_dump_json().encode()


def _parsed(text: str) -> PieceId:
    try:
        return PieceId.parse(text)
    except BadInput as error:
        raise Problem(404, str(error)) from None


def _unless_known(request: Request, response: Response) -> Response:
    """Answer 304 to a client that has the piece already."""
    tag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "no-cache"
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": tag, "Cache-Control": "no-cache"})
    return response
