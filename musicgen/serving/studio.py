"""The Studio, the page at ``/``: its files, its scripts from npm, and its SoundFont."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from musicgen.serving.problems import Problem
from musicgen.settings import settings

STATIC_PATH = Path(__file__).with_name("static")
PAGE_PATH = STATIC_PATH / "index.html"
SCRIPTS = ("spessasynth_lib", "spessasynth_core", "stb-vorbis")
"""The packages from npm that the page loads; it plays, on a lighter synthesiser, without them."""

router = APIRouter(tags=["studio"])


class Fresh(StaticFiles):
    """Files that browsers ask after each time: modules of two releases do not work together."""

    def file_response(self, *arguments: Any, **named: Any) -> Response:
        """Return a file, or that the browser has it already."""
        response = super().file_response(*arguments, **named)
        response.headers["Cache-Control"] = "no-cache"
        return response


def install(app: FastAPI) -> None:
    """Add the page, its files, and what of its scripts this machine has."""
    app.include_router(router)
    for package in SCRIPTS:
        files = Fresh(directory=settings().scripts_path / package / "dist", check_dir=False)
        app.mount(f"/static/vendor/{package}", files, name=package)
    app.mount("/static", Fresh(directory=STATIC_PATH), name="static")


def policy() -> str:
    """Return the page's Content-Security-Policy: this origin alone, and no inline script but ours.

    An import map has to be inside the page, so it is named by its hash (CSP Level 3, 2.3.1).
    The synthesiser compiles WebAssembly: that keyword allows no evaluation of script.
    """
    scripts = re.findall(r"<script type=\"importmap\">(.*?)</script>", PAGE_PATH.read_text(), re.S)
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    hashes = "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


@router.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
async def page() -> FileResponse:
    """Return the page."""
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": policy()}
    return FileResponse(PAGE_PATH, headers=headers)


@router.get(
    "/v1/soundfont",
    summary="The SoundFont that the page plays on",
    response_class=FileResponse,
    responses={200: {"content": {"audio/x-soundfont": {}}}},
)
def soundfont() -> FileResponse:
    """Return the SoundFont 2 file that also renders the WAV files."""
    path = settings().soundfont_path
    if not path.is_file():
        raise Problem(404, f"There is no SoundFont at {path}: set MUSICGEN_SOUNDFONT_PATH.")
    headers = {"Cache-Control": "max-age=86400"}
    return FileResponse(path, media_type="audio/x-soundfont", headers=headers)
