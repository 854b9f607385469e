"""The listening page in Airflow's navigation: champion against challenger, blind if one likes.

The API makes the music and keeps the votes; this server seals who plays on which side, so that a
blind listener's browser does not know either.
"""

import random
from pathlib import Path
from typing import Any, Literal

import httpx
from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import FileResponse
from musicgen_tokens import seal, unseal
from pydantic import BaseModel

from musicgen import manifest, storage
from musicgen.generation.request import random_seed
from musicgen.registry import layout
from musicgen.registry.pointer import read_pointer
from musicgen.settings import Settings

PAGE_PATH = Path(__file__).with_name("musicgen_listening.html")
PURPOSE = "listening"
PAIR_SECONDS = 24 * 3600
BARS = 8
TEMPO_QPM = 96
"""Of both: each family's own tempo, and with it the sound's length, would tell who plays."""
PATIENCE_SECONDS = 60
Side = Literal["a", "b"]

router = APIRouter(prefix="/listening")


class Ballot(BaseModel):
    """Which of a pair was liked better; None means no difference."""

    pair: str
    better: Side | None


@router.get("")
def listening_page(user: GetUserDep) -> FileResponse:
    """Return the page."""
    return FileResponse(PAGE_PATH, headers={"Cache-Control": "no-cache"})


@router.post("/pairs")
def new_pair(user: GetUserDep, blind: bool = True) -> dict[str, Any]:
    """Seat the champion and its newest challenger in random order, with a seed of their own."""
    versions = list(_contenders(Settings.from_environment().bucket_uri))
    random.SystemRandom().shuffle(versions)
    pair = dict(zip(("a", "b"), versions, strict=True)) | {"seed": random_seed()}
    return {"pair": seal(PURPOSE, pair), "players": {} if blind else _players(pair)}


@router.get("/pairs/{token}/{side}.wav")
def sound(token: str, side: Side, user: GetUserDep) -> Response:
    """Have the API play one side's piece."""
    answer = _ask("POST", "/v1/generate", "audio/wav", _request(_unsealed(token), side))
    return Response(answer.content, media_type="audio/wav")


@router.post("/votes")
def vote(ballot: Ballot, user: GetUserDep) -> dict[str, Any]:
    """Have the API keep a vote; say who played."""
    pair = _unsealed(ballot.pair)
    pieces: dict[str, str] = {}
    for side in ("a", "b"):
        answer = _ask("POST", "/v1/generate", "application/json", _request(pair, side))
        pieces[side] = answer.headers["X-Musicgen-Piece"]
    best = pieces[ballot.better] if ballot.better else None
    _ask("POST", "/v1/votes", "application/json", {"pieces": list(pieces.values()), "best": best})
    return {"players": _players(pair)}


def _contenders(bucket_uri: str) -> tuple[str, str]:
    """Return the champion and the version that was published last beside it."""
    champion = read_pointer(layout.channel_uri(bucket_uri))
    if champion is None:
        raise HTTPException(404, "There is no champion yet: run the pipeline first.")
    published = {
        f"{family}-{number}": storage.join(layout.versions_uri(bucket_uri, family), number)
        for family in filter(None, layout.CHANNELS.values())
        for number in storage.children(layout.versions_uri(bucket_uri, family))
    }
    others = [
        (storage.modified(storage.join(uri, manifest.NAME)), version)
        for version, uri in published.items()
        if version != champion.version and manifest.exists(uri)
    ]
    if not others:
        raise HTTPException(404, "There is no challenger yet: train another model first.")
    return champion.version, max(others)[1]


def _request(pair: dict[str, Any], side: str) -> dict[str, Any]:
    wanted = {"bars": BARS, "tempo_qpm": TEMPO_QPM}
    return {"version": pair[side], "seed": pair["seed"], **wanted}


def _players(pair: dict[str, Any]) -> dict[str, str]:
    return {side: pair[side] for side in ("a", "b")}


def _unsealed(token: str) -> dict[str, Any]:
    try:
        return unseal(PURPOSE, token, PAIR_SECONDS)
    except ValueError:
        raise HTTPException(404, "This pair is gone: ask for another.") from None


def _ask(method: str, path: str, accept: str, body: dict[str, Any]) -> httpx.Response:
    """Ask the API; pass on what it complains of."""
    here = Settings.from_environment()
    try:
        answer = httpx.request(
            method,
            f"{here.api_url}{path}",
            json=body,
            headers={"Accept": accept, **here.api_headers},
            timeout=PATIENCE_SECONDS,
        )
    except httpx.HTTPError:
        detail = f"The API at {here.api_url} cannot be reached: start it."
        raise HTTPException(503, detail) from None
    if not answer.is_success:
        raise HTTPException(502, f"The API refused: {answer.text[:300]}")
    return answer
