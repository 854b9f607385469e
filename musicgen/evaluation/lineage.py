"""A model's line: its bundle, that of the model whose weights it started from, and so on."""

import re
from collections.abc import Iterator
from typing import Any

from musicgen import manifest, storage
from musicgen.errors import BadInput

_IN_BUCKET = re.compile(r".*/((?:datasets|training|models)/.+)")


def lineage(bundle_uri: str, bucket_uri: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the URI and the provenance of each bundle of a line, the youngest first.

    A line that cannot be followed to its end has a last link without provenance.

    Args:
        bundle_uri: the youngest.
        bucket_uri: where to look for what is no longer where its descendant found it.
    """
    seen: set[str] = set()
    while bundle_uri:
        uri = moved(bundle_uri, bucket_uri)
        # Where a model was written over the one that it started from, that one is gone.
        origin = {} if uri in seen else _provenance(uri)
        seen.add(uri)
        yield uri, origin
        bundle_uri = origin.get("parameters", {}).get("init_from")


def moved(uri: str, bucket_uri: str) -> str:
    """Return where a directory of a bucket lies now: the bucket may have moved, whole."""
    inside = _IN_BUCKET.fullmatch(uri)
    return storage.join(bucket_uri, inside[1]) if inside and not _is_there(uri) else uri


def _is_there(uri: str) -> bool:
    try:
        return manifest.exists(uri)
    except BadInput:
        return False


def _provenance(bundle_uri: str) -> dict[str, Any]:
    try:
        return manifest.load(bundle_uri).get("provenance", {})
    except BadInput:
        return {}
