"""Ask the API for a piece by the new champion, as a listener would."""

from dataclasses import dataclass
from pathlib import Path

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
    with httpx.Client(base_url=api_url, headers=settings().api_headers, timeout=120) as http:
        _checked(http.post("/v1/models/reload"))
        asked = {"seed": SEED, "bars": BARS, "composer": _first_composer(http)}
        for suffix, media_type in TYPES.items():
            answer = _checked(http.post("/v1/generate", json=asked, headers={"Accept": media_type}))
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
    families = _checked(http.get("/v1/options")).json()["families"]
    composers = next(family["composers"] for family in families if family["is_champion"])
    return next((name for name in composers if name != UNKNOWN), UNKNOWN)


def _checked(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise MusicgenError(f"The API refused {answer.request.url.path}: {answer.text[:500]}")
    return answer
