"""Versions: trained bundles copied into the registry, numbered, never changed."""

import hashlib
import json
from collections.abc import Callable

from musicgen import manifest, storage
from musicgen.errors import BadInput
from musicgen.evaluation.candidate import bundle_digest
from musicgen.registry import atomic, layout
from musicgen.registry.atomic import Conflict

CLAIM = "claim.json"
CARD = "MODEL_CARD.md"


def publish(bucket_uri: str, family: str, bundle_uri: str, card: Callable[[str], str]) -> str:
    """Copy a bundle into the registry and return its version, such as ``lstm-3``.

    A bundle that was published before keeps its version, and one whose publisher was killed is
    completed under the number that it had. Numbers are claimed one by one, so publishers at the
    same time get different ones.

    Args:
        bucket_uri: the registry's bucket.
        family: ``lstm`` or ``gan``.
        bundle_uri: the trained bundle.
        card: writes the model card, given the version.

    Raises:
        BadInput: the bundle is unfinished, or not the one that was committed.
    """
    source = manifest.verify(bundle_uri)
    number = _claim(bucket_uri, family, bundle_digest(bundle_uri))
    version = f"{family}-{number}"
    target = layout.version_uri(bucket_uri, version)
    if not manifest.exists(target):
        files = {
            name: _copy(bundle_uri, target, name, source["files"][name]) for name in source["files"]
        }
        files[CARD] = _create_card(storage.join(target, CARD), card(version))
        facts = {name: value for name, value in source.items() if name != "files"}
        manifest.commit(target, files, **facts, version=version)
    return version


def _claim(bucket_uri: str, family: str, digest: str) -> int:
    """Return the number of the bundle of this digest, taking the next one if it has none."""
    number = 1
    while True:
        directory = storage.join(layout.versions_uri(bucket_uri, family), str(number))
        uri = storage.join(directory, CLAIM)
        claimed = atomic.read(uri)
        if claimed is None:
            try:
                atomic.create(uri, json.dumps({"bundle": digest}).encode())
                return number
            except Conflict:
                continue  # taken at this moment: look who it is
        if json.loads(claimed.data)["bundle"] == digest:
            return number
        number += 1


def _copy(source_uri: str, target_uri: str, name: str, expected: str) -> str:
    data = storage.read_bytes(storage.join(source_uri, name))
    if hashlib.sha256(data).hexdigest() != expected:
        raise BadInput(f"{source_uri}/{name} changed while it was published; train again.")
    storage.write_bytes(storage.join(target_uri, name), data)
    return expected


def _create_card(uri: str, text: str) -> str:
    """Write the card unless one is there already: the first publisher's stays."""
    try:
        atomic.create(uri, text.encode())
    except Conflict:
        return storage.sha256(uri)
    return hashlib.sha256(text.encode()).hexdigest()
