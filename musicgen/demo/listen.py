"""Ask the API for a piece by the new champion, as a listener would."""

from dataclasses import dataclass
from pathlib import Path

import httpx

from musicgen.errors import MusicgenError
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
        for suffix, media_type in TYPES.items():
            answer = _checked(
                http.post(
                    "/v1/generate",
                    json={"seed": SEED, "bars": BARS},
                    headers={"Accept": media_type},
                )
            )
            played = answer.headers.get("X-Musicgen-Version")
            if played != version:
                raise MusicgenError(f"The API plays {played}, but the champion is {version}.")
            path = directory / f"{version.replace('/', '-')}-seed-{SEED}{suffix}"
            path.write_bytes(answer.content)
            paths.append(path)
    return Piece(version, tuple(paths))


def _checked(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise MusicgenError(f"The API refused {answer.request.url.path}: {answer.text[:500]}")
    return answer
