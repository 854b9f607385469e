"""Does the API play what the bucket names?"""

import logging
import time
from dataclasses import dataclass
from typing import Any

import httpx

from musicgen.errors import BadInput, MusicgenError
from musicgen.registry.history import family_of, history
from musicgen.settings import settings

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 60.0
POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Served:
    """A piece that the API made with a channel's champion.

    Attributes:
        channel: ``overall``, ``lstm`` or ``gan``.
        version: the champion, which made the piece.
        generation: of the pointer that the API follows.
        notes: how many notes the piece has.
        api_url: the API.
    """

    channel: str
    version: str
    generation: int
    notes: int
    api_url: str


def verify_serving(
    bucket_uri: str,
    api_url: str,
    channel_name: str = "overall",
    patience_seconds: float = PATIENCE_SECONDS,
) -> Served:
    """Have the live API look at the bucket, then play, and see who played.

    Raises:
        BadInput: there is no such channel, nothing was promoted in it yet, or the address can be
            none of an API.
        MusicgenError: within the patience the API did not answer, or another version played.
    """
    wanted = history(bucket_uri, channel_name)
    family = family_of(channel_name)
    deadline = time.monotonic() + patience_seconds
    told = False
    with _client(api_url) as http:
        while True:
            found, trouble = _play(http, family)
            if found and _played_by(found) == (wanted.champion, wanted.generation):
                notes = len(found.json()["notes"])
                return Served(channel_name, wanted.champion, wanted.generation, notes, api_url)
            said = trouble or "{} of generation {} plays".format(*_played_by(found))
            if time.monotonic() > deadline:
                raise MusicgenError(
                    f"The API at {api_url} does not play {wanted.champion} of generation "
                    f"{wanted.generation}, the champion of {channel_name}: {said}."
                )
            if not told:
                log.info("%s: %s; waiting up to %.0f seconds.", api_url, said, patience_seconds)
                told = True
            time.sleep(POLL_SECONDS)


def _client(api_url: str) -> httpx.Client:
    try:
        address = httpx.URL(api_url)
        address.host.encode("idna")
    except (httpx.InvalidURL, UnicodeError) as error:
        raise BadInput(f"{api_url} is no address of an API ({error}).") from None
    if address.scheme not in ("http", "https") or not address.host:
        raise BadInput(f"{api_url} is no address of an API: write it as http://127.0.0.1:8000.")
    return httpx.Client(base_url=address, headers=settings().api_headers, timeout=30)


def _play(http: httpx.Client, family: str | None) -> tuple[httpx.Response | None, str]:
    """Return an answer with a piece, else what was in its way."""
    body: dict[str, Any] = {"seed": 1, "bars": 2, **({"family": family} if family else {})}
    try:
        for path, json in (("/v1/models/reload", None), ("/v1/generate", body)):
            answer = http.post(path, json=json)
            if not answer.is_success:
                return None, f"it answered {answer.status_code}: {answer.text[:200]}"
        if "X-Musicgen-Generation" not in answer.headers:
            return None, "it answered as no API of musicgen does"
    except httpx.HTTPError as error:
        return None, f"it cannot be reached ({error})"
    return answer, ""


def _played_by(answer: httpx.Response) -> tuple[str, int]:
    headers = answer.headers
    return headers["X-Musicgen-Version"], int(headers["X-Musicgen-Generation"])
