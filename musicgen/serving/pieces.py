"""Routes that make music."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response

from musicgen.errors import BadInput
from musicgen.serving.answers import Order, answer, unless_known
from musicgen.serving.dependencies import Parts, Service, has_json_body, has_no_query, within_rate
from musicgen.serving.documents import PieceDocument, ProblemDocument
from musicgen.serving.negotiation import STREAMS, SUFFIXES, chosen_form
from musicgen.serving.piece_id import PieceId
from musicgen.serving.problems import Problem
from musicgen.serving.wishes import GenerateBody

router = APIRouter(prefix="/v1", tags=["music"])

PROBLEM = {"model": ProblemDocument, "content": {"application/problem+json": {}}}
FORMS = {
    "content": {form: {} for form in (*SUFFIXES, *STREAMS)},
    "description": "The piece, in the form that Accept asks for.",
}
_KEPT_PROBLEMS = dict.fromkeys((404, 422, 429, 503, 504), PROBLEM)
_COSTS = [Depends(within_rate)]

PieceName = Annotated[str, Path(description="A piece's id, as an answer named it.")]
Accept = Annotated[str | None, Header()]


@router.post(
    "/generate",
    summary="Make a piece",
    response_model=PieceDocument,
    responses={
        200: FORMS,
        **dict.fromkeys((400, 404, 406, 408, 413, 415, 422, 429, 503, 504), PROBLEM),
    },
    dependencies=[Depends(has_json_body), Depends(has_no_query), *_COSTS],
)
async def generate(
    request: Request, parts: Parts, body: GenerateBody | None = None, accept: Accept = None
) -> Response:
    """Let a champion, or a version of your choice, make a piece.

    The answer names the version, the seed and the pointer's generation in its headers.
    """
    form = chosen_form(accept)
    order = await _order(parts, body or GenerateBody())
    answered = await answer(request, parts, order, form)
    parts.recorder.note(piece_id.request for piece_id in order.piece_ids)
    return answered


def _file_route(form: str, suffix: str) -> None:
    """Add the route of a piece as a file."""

    async def piece_file(request: Request, parts: Parts, piece_id: PieceName) -> Response:
        return await _kept(request, parts, piece_id, form)

    router.add_api_route(
        f"/pieces/{{piece_id}}.{suffix}",
        piece_file,
        name=f"piece_{suffix}",
        summary=f"A piece as {form}",
        description="Return a piece, made again if need be.",
        response_class=Response,
        responses={200: {"content": {form: {}}}, **_KEPT_PROBLEMS},
        dependencies=_COSTS,
    )


for _form, _suffix in SUFFIXES.items():
    _file_route(_form, _suffix)


@router.get(
    "/pieces/{piece_id}",
    summary="A piece in the form that Accept asks for",
    response_model=PieceDocument,
    responses={200: FORMS, 406: PROBLEM, **_KEPT_PROBLEMS},
    dependencies=_COSTS,
)
async def piece(
    request: Request, parts: Parts, piece_id: PieceName, accept: Accept = None
) -> Response:
    """Return a piece, made again if need be."""
    return await _kept(request, parts, piece_id, chosen_form(accept))


async def _order(parts: Service, body: GenerateBody) -> Order:
    """Find who plays, and give each piece its id."""
    generation = None
    if body.version is None:
        champion = parts.champions.champion(body.family)
        player, generation = champion.player, champion.pointer.generation
    else:
        player = await parts.maker.player(body.version)
    requests = body.requests(player.engine.tempo_qpm)
    return Order(player, [PieceId(player.version, each) for each in requests], generation)


async def _kept(request: Request, parts: Service, name: str, form: str) -> Response:
    try:
        piece_id = PieceId.parse(name)
    except BadInput as error:
        raise Problem(404, str(error)) from None
    order = Order(await parts.maker.player(piece_id.version), [piece_id])
    return unless_known(request, await answer(request, parts, order, form))
