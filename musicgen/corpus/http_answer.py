"""What a server's answer means to a download."""

import http.client
import socket
import urllib.error


def version(response: http.client.HTTPResponse) -> str | None:
    """Return a strong entity tag; weak ones may not be used to resume."""
    tag = response.headers.get("ETag", "")
    return tag if tag.startswith('"') else None


def extent(response: http.client.HTTPResponse) -> tuple[int, int | None]:
    """Return where the answer begins in the file, and the file's size if it is told.

    Raises:
        ConnectionError: the answer contradicts itself.
    """
    try:
        if response.status == 206:
            extent, _, total = response.headers["Content-Range"].partition("/")
            first = extent.removeprefix("bytes ").partition("-")[0]
            return int(first), None if total == "*" else int(total)
        length = response.headers.get("Content-Length")
        return 0, None if length is None else int(length)
    except (AttributeError, ValueError):
        raise ConnectionError("the server's answer makes no sense") from None


def skip(response: http.client.HTTPResponse, count: int) -> None:
    """Read and drop bytes; raises ConnectionError if there are not so many."""
    while count:
        data = response.read1(min(count, 2**20))
        if not data:
            raise ConnectionError("the connection was closed early")
        count -= len(data)


def retry_after(error: Exception) -> float:
    """Return the seconds that the server asks to wait, 0 if it does not."""
    headers = getattr(error, "headers", None)
    text = headers.get("Retry-After", "") if headers else ""
    return float(text) if text.isdecimal() else 0.0


def plain(error: Exception) -> str:
    """Say in a few words what went wrong, without the address."""
    cause = getattr(error, "reason", error)
    if isinstance(error, urllib.error.HTTPError):
        return f"the server says {error.code}"
    if isinstance(cause, socket.gaierror):
        return "its host's name is not known here: is there a network?"
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    return str(cause) or type(cause).__name__
