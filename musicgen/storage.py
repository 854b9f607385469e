"""Files by URI: local disk and Google Cloud Storage through one set of functions.

``read_*`` and ``write_*`` take whole objects. A write is seen whole or not at all: local files are
renamed into place, and objects on GCS appear only when they are complete.
"""

import errno
import hashlib
import json
import os
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import fsspec

from musicgen.errors import BadInput

REMOVAL_SECONDS = 5.0
SCHEMES = ("file", "local", "gs", "gcs", "memory")
"""Of fsspec's, what a bucket may be on; ``memory`` is for tests."""


def filesystem(uri: str) -> tuple[fsspec.AbstractFileSystem, str]:
    """Return the file system of a URI and the URI's path on it.

    Raises:
        BadInput: the URI is of another scheme.
    """
    kind = _kind(uri)
    # Long-lived readers have to see what other processes write: kept listings never expire.
    files = kind(use_listings_cache=False, **kind._get_kwargs_from_urls(uri))
    return files, kind._strip_protocol(uri)


def _kind(uri: str) -> type[fsspec.AbstractFileSystem]:
    # Not `url_to_fs`, to which the `::` in a file's name joins two file systems.
    scheme = fsspec.core.split_protocol(uri)[0] or "file"
    if scheme not in SCHEMES:
        raise BadInput(f"{uri} cannot be read: give a path, a file:// or a gs:// URI.")
    return fsspec.get_filesystem_class(scheme)


def join(uri: str, *parts: str) -> str:
    """Append path segments to a URI."""
    return "/".join([uri.rstrip("/"), *parts])


def local_path(uri: str) -> Path | None:
    """Return the path of a ``file://`` URI, None for other schemes."""
    kind = _kind(uri)
    return Path(kind._strip_protocol(uri)) if "file" in kind.protocol else None


def exists(uri: str) -> bool:
    """Whether an object or directory is there."""
    files, path = filesystem(uri)
    return files.exists(path)


def open_read(uri: str) -> BinaryIO:
    """Open for reading; raises FileNotFoundError."""
    files, path = filesystem(uri)
    return files.open(path, "rb")


def read_bytes(uri: str) -> bytes:
    """Read a whole object; raises FileNotFoundError."""
    with open_read(uri) as stream:
        return stream.read()


def read_json(uri: str) -> Any:
    """Read a JSON document; raises FileNotFoundError."""
    return json.loads(read_bytes(uri))


def write_bytes(uri: str, data: bytes) -> None:
    """Write a whole object, replacing what is there."""
    path = local_path(uri)
    if path is None:
        files, remote = filesystem(uri)
        files.pipe_file(remote, data)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_json(uri: str, document: Any) -> None:
    """Write a JSON document, keys sorted, so that equal documents are equal bytes."""
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    write_bytes(uri, text.encode() + b"\n")


def names(uri: str) -> list[str]:
    """Return the relative paths of all files below a directory, sorted; empty if it is absent."""
    files, root = filesystem(uri)
    if not files.exists(root):
        return []
    found = (path[len(root) :].lstrip("/") for path in files.find(root))
    return sorted(name for name in found if not name.rpartition("/")[2].startswith("."))


def modified(uri: str) -> datetime:
    """Return when an object was last written; raises FileNotFoundError."""
    files, path = filesystem(uri)
    return files.modified(path)


def size_bytes(uri: str) -> int:
    """Return the size of an object or of all objects below a directory; 0 if it is absent."""
    files, path = filesystem(uri)
    return int(files.du(path)) if files.exists(path) else 0


def children(uri: str) -> list[str]:
    """Return the names directly below a directory, sorted; empty if it is absent."""
    files, root = filesystem(uri)
    if not files.exists(root):
        return []
    found = (path.rstrip("/").rpartition("/")[2] for path in files.ls(root, detail=False))
    return sorted(name for name in found if name and not name.startswith("."))


def upload(source: Path, uri: str) -> None:
    """Copy a local file or directory tree to a URI, file by file."""
    if source.is_file():
        write_bytes(uri, source.read_bytes())
        return
    for path in sorted(source.rglob("*")):
        if path.is_file():
            write_bytes(join(uri, path.relative_to(source).as_posix()), path.read_bytes())


def download(uri: str, target: Path) -> None:
    """Copy all files below a URI into a local directory."""
    for name in names(uri):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(read_bytes(join(uri, name)))


def remove(uri: str) -> None:
    """Delete an object or a directory tree; nothing happens if it is absent.

    Whoever is writing or deleting there is given a moment to end, for a directory that fills up
    again cannot be deleted.
    """
    files, path = filesystem(uri)
    give_up = time.monotonic() + REMOVAL_SECONDS
    while files.exists(path):
        try:
            files.rm(path, recursive=True)
        except OSError as error:
            passes = isinstance(error, FileNotFoundError) or error.errno == errno.ENOTEMPTY
            if not passes or time.monotonic() > give_up:
                raise


def sha256(uri: str) -> str:
    """Return the SHA-256 of an object as hexadecimal digits."""
    with open_read(uri) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
