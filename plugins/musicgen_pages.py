"""Pages of the bucket, behind Airflow's log-in: reports and Data Docs, wherever the bucket is.

``/musicgen/open?uri=…`` asks who the user is, since Airflow asks nobody on a plugin's behalf, and
leads on to an address that holds a sealed token for the page's directory. Pages are served in a
sandbox of their own: a script in one can read its neighbours, but not speak to Airflow.
"""

import mimetypes
from urllib.parse import quote

from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from musicgen_tokens import seal, unseal

from musicgen import storage
from musicgen.settings import Settings

TOKEN_SECONDS = 12 * 3600
MOST_BYTES = 256 * 2**20
PURPOSE = "pages"
HEADERS = {
    "Content-Security-Policy": "sandbox allow-scripts allow-popups allow-downloads",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, max-age=60",
}

router = APIRouter()


@router.get("/open")
def open_page(uri: str, request: Request, user: GetUserDep) -> RedirectResponse:
    """Lead a logged-in user to a page of the bucket."""
    bucket_uri = Settings.from_environment().bucket_uri
    if not uri.startswith(f"{bucket_uri}/") or not _is_plain(uri.removeprefix(f"{bucket_uri}/")):
        raise HTTPException(404, "That is no page of this bucket.")
    directory, _, name = uri.rpartition("/")
    token = seal(PURPOSE, {"directory": directory})
    prefix = request.url.path.removesuffix("/open")
    return RedirectResponse(f"{prefix}/pages/{token}/{quote(name)}")


@router.get("/pages/{token}/{path:path}")
def page(token: str, path: str) -> Response:
    """Serve a file of the directory that the token is for."""
    try:
        directory = unseal(PURPOSE, token, TOKEN_SECONDS)["directory"]
    except ValueError:
        raise HTTPException(403, "This address is too old: follow the link in Airflow.") from None
    if not _is_plain(path):
        raise HTTPException(404, "There is no such page.")
    uri = storage.join(directory, path)
    try:
        if storage.size_bytes(uri) > MOST_BYTES:
            raise HTTPException(413, "This file is too large to be shown.")
        content = storage.read_bytes(uri)
    except (FileNotFoundError, IsADirectoryError):
        raise HTTPException(404, "There is no such page.") from None
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return Response(content, media_type=kind, headers=HEADERS)


def _is_plain(path: str) -> bool:
    """Whether a relative path leads nowhere but down."""
    return not {"", ".", ".."}.intersection(path.split("/"))
