"""Ask the API for a piece by the new champion, as a listener would."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from musicgen.errors import MusicgenError
from musicgen.generation.request import UNKNOWN
from musicgen.settings import settings

SEED = 7
BARS = 8
TYPES = {".mid": "audio/midi", ".wav": "audio/wav"}


@dataclass(frozen=True)
class Piece:
    """A piece that the API made.

    Attributes:
        version: of the model, from the answer's header.
        paths: the MIDI file and the WAV file.
    """

    version: str
    paths: tuple[Path, ...]


def listen(api_url: str, version: str, directory: Path) -> Piece:
    """Make the API load the champion, let it play, and save what it plays.

    Raises:
        MusicgenError: it does not answer, or with another version than ``version``.
    """
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    with _client(api_url) as http:
        _asked(http, "POST", "/v1/models/reload")
        wish = {"seed": SEED, "bars": BARS, "composer": _first_composer(http)}
        for suffix, media_type in TYPES.items():
            headers = {"Accept": media_type}
            answer = _asked(http, "POST", "/v1/generate", json=wish, headers=headers)
            played = answer.headers.get("X-Musicgen-Version")
            if played != version:
                raise MusicgenError(f"The API plays {played}, but the champion is {version}.")
            path = directory / f"{version.replace('/', '-')}-seed-{SEED}{suffix}"
            path.write_bytes(answer.content)
            paths.append(path)
    return Piece(version, tuple(paths))


def _first_composer(http: httpx.Client) -> str:
    """Return a composer whom the champion knows by name, if there is one.

    A model that is told nothing plays what all its composers have in common, which is long chords.
    """
    families = _asked(http, "GET", "/v1/options").json()["families"]
    composers = next((family["composers"] for family in families if family["is_champion"]), [])
    return next((name for name in composers if name != UNKNOWN), UNKNOWN)


def _client(api_url: str) -> httpx.Client:
    headers = settings().api_headers
    return httpx.Client(base_url=api_url, headers=headers, timeout=120, trust_env=False)


def _asked(http: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response:
    try:
        answer = http.request(method, path, **options)
    except httpx.HTTPError as error:
        raise MusicgenError(f"The API at {http.base_url} does not answer ({error}).") from None
    if not answer.is_success:
        raise MusicgenError(f"The API refused {path}: {answer.text[:500]}")
    return answer
