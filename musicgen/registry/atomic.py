"""Compare-and-swap on single objects: what several writers may touch at once.

On Google Cloud Storage the server compares generations (``if_generation_match``). On local disk a
lock file beside the object serialises writers: the kernel releases the lock when its holder dies,
and renaming makes each write whole, so a kill at any instruction leaves the old object or the new.
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from musicgen import storage
from musicgen.errors import MusicgenError


class Conflict(MusicgenError):
    """Somebody else wrote the object since it was read."""


@dataclass(frozen=True)
class Snapshot:
    """An object as it was read.

    Attributes:
        data: its content.
        token: what names this state of it: a GCS generation, or the content's hash on disk.
    """

    data: bytes
    token: int | str


def read(uri: str) -> Snapshot | None:
    """Return the object with the token for replacing it, None if it is absent."""
    if storage.local_path(uri) is None:
        return _read_gcs(uri)
    try:
        data = storage.read_bytes(uri)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Snapshot(data, hashlib.sha256(data).hexdigest())


def create(uri: str, data: bytes) -> None:
    """Write an object that must not exist yet.

    Raises:
        Conflict: it exists; its content is left as it is.
    """
    path = storage.local_path(uri)
    if path is None:
        _write_gcs(uri, data, generation=0)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.link(temporary, path)  # unlike a rename, a link never replaces
    except FileExistsError:
        raise Conflict(f"{uri} exists already.") from None
    finally:
        os.unlink(temporary)


def replace(uri: str, data: bytes, expected: Snapshot | None) -> None:
    """Write an object if it is still as it was read; ``None`` means that it was absent.

    Raises:
        Conflict: it has changed; nothing was written.
    """
    path = storage.local_path(uri)
    if path is None:
        _write_gcs(uri, data, generation=int(expected.token) if expected else 0)
        return
    with locked(path):
        found = read(uri)
        if found != expected:
            raise Conflict(f"{uri} was changed by someone else.")
        storage.write_bytes(uri, data)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file; the lock file stays, for removing it would race."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_name(f".{path.name}.lock"), "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def _gcs_client():
    from google.cloud import storage as gcs

    return gcs.Client()


def _blob(uri: str):
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    return _gcs_client().bucket(bucket).blob(name)


def _read_gcs(uri: str) -> Snapshot | None:
    from google.api_core.exceptions import NotFound

    blob = _blob(uri)
    try:
        data = blob.download_as_bytes()
    except NotFound:
        return None
    # The download's own headers say which generation it was, so the pair is of one instant. An
    # emulator may not send them; it has no writers to race with.
    if blob.generation is None:
        blob.reload()
    return Snapshot(data, int(blob.generation))


def _write_gcs(uri: str, data: bytes, generation: int) -> None:
    from google.api_core.exceptions import PreconditionFailed

    try:
        _blob(uri).upload_from_string(
            data, content_type="application/json", if_generation_match=generation
        )
    except PreconditionFailed:
        raise Conflict(f"{uri} was changed by someone else.") from None
