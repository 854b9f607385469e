"""The route that goes on from music that somebody sends."""

import json
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from musicgen.errors import BadInput
from musicgen.serving.answers import Order, answer
from musicgen.serving.dependencies import Parts, Service, within_rate
from musicgen.serving.documents import PieceDocument
from musicgen.serving.negotiation import chosen_form
from musicgen.serving.piece_id import PieceId
from musicgen.serving.pieces import FORMS, PROBLEM, Accept
from musicgen.serving.problems import Problem
from musicgen.serving.sandbox import Job
from musicgen.serving.spoken import spoken
from musicgen.serving.upload import MAX_BYTES
from musicgen.serving.wishes import ContinueBody

PATH = "/v1/continue"
FORM = "multipart/form-data"
MIDI_TYPES = ("audio/midi", "audio/mid", "audio/x-midi", "application/octet-stream")

READ_UPLOAD = Job(
    "musicgen.serving.upload:read_upload",
    cpu_seconds=0.12,  # a symphony takes a tenth of it
    memory_bytes=256 * 2**20,
    excess="The MIDI file takes too much to read; send a shorter excerpt of the music.",
    busy="Too many files are being read; try again in a second.",
    wall_seconds=10,
)

router = APIRouter(tags=["music"])


def _description() -> dict[str, Any]:
    """Return what FastAPI cannot see: wishes come in the query, or in a form beside the file."""
    fields = ContinueBody.model_json_schema()["properties"]
    file = {"type": "string", "format": "binary", "description": "A MIDI file, at most 1 MiB."}
    form = {"type": "object", "properties": {"file": file, **fields}, "required": ["file"]}
    return {
        "parameters": [
            {"name": name, "in": "query", "required": False, "schema": schema}
            for name, schema in fields.items()
        ],
        "requestBody": {
            "required": True,
            "content": {FORM: {"schema": form}, MIDI_TYPES[0]: {"schema": file}},
        },
    }


@router.post(
    PATH,
    summary="Go on from a piece",
    response_model=PieceDocument,
    responses={
        200: FORMS,
        **dict.fromkeys((400, 404, 406, 408, 413, 415, 422, 429, 503, 504), PROBLEM),
    },
    dependencies=[Depends(within_rate)],
    openapi_extra=_description(),
)
async def go_on(request: Request, parts: Parts, accept: Accept = None) -> Response:
    """Let the LSTM's champion, or an LSTM of your choice, go on from a MIDI file.

    Send the file as the body, with wishes in the query, or as `file` in a form, with wishes in its
    other fields. The answer is a piece that begins with the file's last bars.
    """
    form = chosen_form(accept)
    data, wishes = await _sent(request)
    if len(data) > MAX_BYTES:  # the body may be larger, for what surrounds the file in a form
        raise Problem(413, f"The file is larger than {MAX_BYTES} bytes.")
    generation = None
    if wishes.version is None:
        champion = parts.champions.champion("lstm")
        player, generation = champion.player, champion.pointer.generation
    else:
        player = await parts.maker.player(wishes.version)
    prompt, tempo_qpm = await _prompt(parts, data, wishes)
    wishes = wishes.model_copy(update={"tempo_qpm": wishes.tempo_qpm or tempo_qpm})
    requests = wishes.requests(tempo_qpm, prompt)
    piece_ids = [PieceId(player.version, each) for each in requests]
    return await answer(request, parts, Order(player, piece_ids, generation), form)


async def _prompt(parts: Service, data: bytes, wishes: ContinueBody) -> tuple[str, float]:
    """Return the music to go on from and its tempo."""
    try:
        read = json.loads(await parts.uploads.run(bytes([wishes.context_bars]) + data))
    except BadInput as error:
        raise Problem(422, str(error)) from None
    return read["prompt"], round(read["tempo_qpm"], 3)


async def _sent(request: Request) -> tuple[bytes, ContinueBody]:
    """Return the file and the wishes of a request, in whichever way they come."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in MIDI_TYPES:
        return await request.body(), _wishes("query", dict(request.query_params))
    if kind != FORM:
        detail = f"The body is {kind or 'unnamed'}; send {MIDI_TYPES[0]} or {FORM}."
        raise Problem(415, detail)
    async with request.form(max_files=1, max_fields=20) as sent:
        fields = dict(sent)
        file = fields.pop("file", None)
        if not isinstance(file, UploadFile):
            raise Problem(422, "The form holds no file; send a MIDI file in its field 'file'.")
        texts = {name: value for name, value in fields.items() if isinstance(value, str)}
        return await file.read(), _wishes("body", {**dict(request.query_params), **texts})


def _wishes(place: str, fields: dict[str, str]) -> ContinueBody:
    try:
        return ContinueBody.model_validate_strings(fields)
    except ValidationError as error:
        raise RequestValidationError(spoken(ContinueBody, error.errors(), place)) from None
