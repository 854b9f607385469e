"""Blind votes between pieces: what people prefer, kept for whoever trains next."""

import logging
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from musicgen.errors import BadInput
from musicgen.serving.ballots import Tally, Vote
from musicgen.serving.dependencies import Parts, Service, has_json_body, within_rate
from musicgen.serving.documents import ProblemDocument
from musicgen.serving.piece_id import PieceId
from musicgen.serving.problems import Problem, unavailable

log = logging.getLogger(__name__)

router = APIRouter(prefix="/v1", tags=["votes"])

T = TypeVar("T")

_PROBLEM = {"model": ProblemDocument, "content": {"application/problem+json": {}}}


class VoteBody(BaseModel):
    """Which of some pieces was liked best by one who did not know what made them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "pieces": [
                        "WyJsc3RtLTEiLDEsIkJhY2giLCJ1bmtub3duIiw4LG51bGwsbnVsbCwwLDAuOTVd",
                        "WyJnYW4tMSIsMiwiQmFjaCIsInVua25vd24iLDgsbnVsbCxudWxsLDAsMC45NV0",
                    ],
                    "best": None,
                }
            ]
        },
    )

    pieces: list[str] = Field(min_length=2, max_length=4, description="The pieces' ids.")
    best: str | None = Field(description="The id of the best one; null: no difference.")


@router.post(
    "/votes",
    summary="Say which piece is best",
    responses=dict.fromkeys((400, 413, 415, 422, 429, 503), _PROBLEM),
    dependencies=[Depends(has_json_body), Depends(within_rate)],
)
async def vote(parts: Parts, body: VoteBody) -> Vote:
    """Keep a vote; it names the pieces by ids that make them again."""
    if len(set(body.pieces)) < len(body.pieces):
        raise Problem(422, "A piece is named twice: name two to four different ones.")
    if body.best is not None and body.best not in body.pieces:
        raise Problem(422, "The best piece is none of the pieces: name one of them, or null.")
    try:
        versions = [PieceId.parse(text).version for text in body.pieces]
    except BadInput as error:
        raise Problem(422, str(error)) from None
    for version in dict.fromkeys(versions):
        await _known(parts, version)
    kept = Vote(
        vote_id=uuid.uuid4().hex,
        voted_at=datetime.now(UTC),
        pieces=body.pieces,
        versions=versions,
        best=body.best,
    )
    await _asked(parts, "The vote cannot be kept", parts.ballots.keep, kept)
    return kept


async def _known(parts: Service, version: str) -> None:
    """Refuse a version that cannot have made a piece: whoever trains next would count it."""
    try:
        await parts.maker.player(version)
    except Problem as problem:
        if problem.status != 404:
            raise
        detail = f"Version {version} does not play here: name pieces that this server can make."
        raise Problem(422, detail) from None


@router.get(
    "/votes",
    summary="What people preferred so far",
    responses=dict.fromkeys((429, 503), _PROBLEM),
    dependencies=[Depends(within_rate)],
)
async def tally(parts: Parts) -> Tally:
    """Count all votes, by family and by version."""
    return await _asked(parts, "The votes cannot be read", parts.ballots.tally)


async def _asked(parts: Service, trouble: str, function: Callable[..., T], *arguments: Any) -> T:
    """Call what needs the bucket; whatever that answers, and stores differ, is no fault of ours."""
    try:
        return await parts.errands.run(function, *arguments)
    except Problem:
        raise
    except Exception as error:
        log.warning("%s (%s)", trouble, error)
        raise unavailable(f"{trouble} now: try again in a moment.", 10) from None
