"""Local copies of bundles and pointers: what is served while the bucket is away."""

import logging
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from musicgen import manifest, storage
from musicgen.bundle import Bundle
from musicgen.errors import BadInput, MusicgenError
from musicgen.registry import layout
from musicgen.registry.pointer import Pointer, read_pointer
from musicgen.settings import as_uri

log = logging.getLogger(__name__)

SIDE = ".side-"
STALE_SECONDS = 3600


class Away(MusicgenError):
    """What the bucket may well hold cannot be had now: it is to be asked for again."""


class Shelf:
    """Reads a bucket through a local directory; every bundle is checked hash by hash.

    What it raises is told to clients and names versions; where they lie is for the log.
    """

    def __init__(self, bucket_uri: str, path: Path) -> None:
        self._bucket_uri = bucket_uri
        self._path = path

    def pointer(self, family: str | None) -> Pointer | None:
        """Return what a champion's channel names, or last named if the bucket is away.

        Raises:
            Away: the bucket cannot be read now, and was never seen.
            BadInput: the pointer is damaged.
        """
        kept_uri = as_uri(str(self._path / f"{layout.model_name(family)}.json"))
        try:
            pointer = read_pointer(layout.channel_uri(self._bucket_uri, family))
        except BadInput as error:
            log.warning("%s", error)
            channel = layout.channel_name(family)
            raise BadInput(
                f"The {channel} champion's pointer is damaged: restore it from the ledger."
            ) from None
        except Exception as error:
            kept = _kept(kept_uri)
            if kept is None:
                raise _away(self._bucket_uri, error) from None
            log.warning("%s is away (%s); going by its last state", self._bucket_uri, error)
            return kept
        if pointer is not None and pointer != _kept(kept_uri):
            try:
                storage.write_json(kept_uri, asdict(pointer))
            except OSError as error:
                log.warning("%s cannot be kept (%s): nothing to go by later", kept_uri, error)
        return pointer

    def bundle(self, version: str) -> Bundle:
        """Return a version's bundle, from the local copy if that is still what the bucket holds.

        A version never changes, so its copy plays on where the bucket is away or holds the version
        no more.

        Raises:
            Away: the bucket cannot be read now, and there is no copy.
            BadInput: there is no such version, or a file is not the one that was committed.
        """
        remote_uri = layout.version_uri(self._bucket_uri, version)
        local = self._path / version
        try:
            document = manifest.load(remote_uri)
        except Exception as error:
            if copy := _copy(local):
                log.warning("%s cannot be read (%s); going by its local copy", remote_uri, error)
                return copy
            if isinstance(error, BadInput):
                raise BadInput(f"{version} is not among the bucket's versions.") from None
            if isinstance(error, ValueError):  # it is damaged
                raise
            raise _away(remote_uri, error) from None
        return _copy(local, document) or self._fetch(remote_uri, local)

    def _fetch(self, remote_uri: str, local: Path) -> Bundle:
        """Download beside the place, check, and only then move there."""
        self._path.mkdir(parents=True, exist_ok=True)
        self._clear_sides()
        side = Path(tempfile.mkdtemp(dir=self._path, prefix=SIDE))
        try:
            _download(remote_uri, side)
            bundle = _checked(remote_uri, side, local.name)
            shutil.rmtree(local, ignore_errors=True)
            with suppress(OSError):  # another server put the same one there
                side.rename(local)
        finally:
            shutil.rmtree(side, ignore_errors=True)
        return bundle

    def _clear_sides(self) -> None:
        """Remove what downloads left that were killed."""
        for side in self._path.glob(f"{SIDE}*"):
            if time.time() - side.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(side, ignore_errors=True)


def _kept(uri: str) -> Pointer | None:
    """Return a pointer as it was last seen, None if it never was, or is damaged here."""
    try:
        return Pointer.from_document(storage.read_json(uri))
    except Exception:
        return None


def _copy(local: Path, document: dict[str, Any] | None = None) -> Bundle | None:
    """Return a local copy, None if there is none, it is damaged, or not of this manifest."""
    uri = as_uri(str(local))
    if not local.exists():
        return None
    try:
        if document is None or manifest.load(uri) == document:
            return Bundle.load(uri)
    except (BadInput, ValueError) as error:
        log.warning("The local copy of %s is damaged: %s", local.name, error)
    return None


def _checked(remote_uri: str, side: Path, version: str) -> Bundle:
    """Load what was downloaded; the log tells what is wrong with it, and where it came from."""
    try:
        return Bundle.load(as_uri(str(side)))
    except BadInput as error:
        log.warning("%s cannot be loaded: %s", remote_uri, error)
        raise BadInput(
            f"{version} is damaged, incomplete or of a later format; the server's log says which."
        ) from None


def _download(remote_uri: str, side: Path) -> None:
    try:
        storage.download(remote_uri, side)
    except Exception as error:
        raise _away(remote_uri, error) from None


def _away(uri: str, error: Exception) -> Away:
    """Log what keeps the bucket from being read, and return what may be said of it."""
    log.warning("%s cannot be read (%s)", uri, error)
    return Away("The bucket cannot be read now: try again in a moment.")
