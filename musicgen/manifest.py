"""Commit last: a directory exists for its readers once its manifest does."""

import hashlib
import json
from typing import Any

from musicgen import storage
from musicgen.errors import BadInput

NAME = "manifest.json"


def digest(document: Any) -> str:
    """Return 16 hexadecimal digits that name a JSON document by its content."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def exists(uri: str) -> bool:
    """Whether the directory has been committed."""
    return storage.exists(storage.join(uri, NAME))


def commit(uri: str, files: dict[str, str], **facts: Any) -> dict[str, Any]:
    """Write the manifest, which makes the directory visible; returns what was written.

    Args:
        uri: the directory.
        files: SHA-256 by relative path, of every file that belongs to it.
        facts: whatever else readers should know; JSON values, none derived from the clock where
            the directory is named by its content.
    """
    document = {**facts, "files": files}
    storage.write_json(storage.join(uri, NAME), document)
    return document


def discard(uri: str) -> None:
    """Remove what was written without being committed; what another process committed stays."""
    if not exists(uri):
        storage.remove(uri)


def load(uri: str) -> dict[str, Any]:
    """Read the manifest.

    Raises:
        BadInput: there is none, so there is no such corpus, dataset or bundle.
    """
    try:
        return storage.read_json(storage.join(uri, NAME))
    except (FileNotFoundError, NotADirectoryError):
        raise BadInput(_why_none(uri)) from None


def _why_none(uri: str) -> str:
    path = storage.local_path(uri)
    if path and path.is_file():
        return f"{path} is a file: give the directory of a corpus, dataset or bundle."
    if path and not path.exists():
        return f"There is no {path}: check the path, or run the stage that makes it."
    return (
        f"{uri} holds no {NAME}: it is missing or was never finished. "
        "Run the stage that makes it again."
    )


def hashes(uri: str) -> dict[str, str]:
    """Return the SHA-256 of every file below a directory, by relative path."""
    return {
        name: storage.sha256(storage.join(uri, name)) for name in storage.names(uri) if name != NAME
    }


def verify(uri: str) -> dict[str, Any]:
    """Read the manifest and check every file against it.

    Raises:
        BadInput: a file is missing or is not the one that was committed.
    """
    document = load(uri)
    for name, expected in document["files"].items():
        check(uri, name, expected)
    return document


def check(uri: str, name: str, expected: str) -> None:
    """Check one file of a directory against the SHA-256 that its manifest gives.

    Raises:
        BadInput: it is missing or is not the one that was committed.
    """
    try:
        found = storage.sha256(storage.join(uri, name))
    except FileNotFoundError:
        found = "missing"
    _compare(uri, name, found, expected)


def read(uri: str, name: str, expected: str) -> bytes:
    """Read one file of a directory and check what was read, as ``check`` does.

    What is written there meanwhile is never taken for what was committed.
    """
    try:
        data = storage.read_bytes(storage.join(uri, name))
    except FileNotFoundError:
        data = None
    found = "missing" if data is None else hashlib.sha256(data).hexdigest()
    _compare(uri, name, found, expected)
    return data


def _compare(uri: str, name: str, found: str, expected: str) -> None:
    if found != expected:
        raise BadInput(f"{uri}/{name} is not the file that was committed (hash {found[:12]}).")
