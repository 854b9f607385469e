"""What must never be deleted: all that a champion, or the way back from it, stands on."""

import re
from collections.abc import Mapping

from musicgen import manifest, storage
from musicgen.evaluation.lineage import lineage
from musicgen.registry import layout
from musicgen.registry.channel import Channel
from musicgen.registry.history import history
from musicgen.training.task import UNDERWAY

_PLACE = re.compile(
    r"(corpora/[^/]+/[^/]+|(training|evaluations|datasets)/[^/]+|models/[^/]+/versions/[^/]+)$"
)


def needed_versions(bucket_uri: str, newest: int) -> dict[str, str]:
    """Return the versions to keep, each with the reason.

    Every channel's champion, the version that it followed and the one that a rollback leads to
    are among them, and the newest of each family.
    """
    needed: dict[str, str] = {}
    for family in filter(None, layout.CHANNELS.values()):
        numbers = sorted(map(int, storage.children(layout.versions_uri(bucket_uri, family))))
        recent = numbers[-newest:] if newest else []
        needed |= {f"{family}-{number}": "among the newest" for number in recent}
    for name, family in layout.CHANNELS.items():
        pointer = Channel(bucket_uri, family).settled()
        if pointer is None:
            continue
        fallback = history(bucket_uri, name).fallback
        needed |= {fallback: f"the way back of {name}"} if fallback else {}
        needed |= {pointer.previous: f"before {name}'s champion"} if pointer.previous else {}
        needed[pointer.version] = f"champion of {name}"
    return needed


def needed_by(bucket_uri: str, stays: str, won_by: Mapping[str, set[str]]) -> set[str]:
    """Return the places that one stands on, itself among them.

    Of a version they are training, evaluations, dataset and corpus; of a training, ended or
    underway, dataset and corpus; of both, the models that they started from with all of theirs; of
    a dataset the corpus.

    Args:
        bucket_uri: the bucket.
        stays: the place of what stays.
        won_by: what ``evaluations`` returned for the bucket.
    """
    kind = stays.partition("/")[0]
    uri = storage.join(bucket_uri, stays)
    if kind == "models":
        return {stays} | _needed_by_bundle(bucket_uri, uri) | won_by.get(stays, set())
    if kind == "training":
        bundle_uri = storage.join(uri, "bundle")
        return {stays} | _needed_by_bundle(bucket_uri, bundle_uri) | _underway(bucket_uri, uri)
    return _needed_by_dataset(bucket_uri, stays) if kind == "datasets" else {stays}


def _needed_by_bundle(bucket_uri: str, bundle_uri: str) -> set[str]:
    found = set()
    for uri, origin in lineage(bundle_uri, bucket_uri):
        found |= {place(uri), f"training/{origin.get('training_id')}"}
        if origin.get("dataset_uri"):
            found |= _needed_by_dataset(bucket_uri, place(origin["dataset_uri"]))
    return found


def _underway(bucket_uri: str, training_uri: str) -> set[str]:
    try:
        origin = storage.read_json(storage.join(training_uri, UNDERWAY))
    except FileNotFoundError:
        return set()
    return _needed_by_dataset(bucket_uri, place(origin["dataset_uri"]))


def evaluations(bucket_uri: str) -> dict[str, set[str]]:
    """Return by place of a version the evaluations that it won a channel by."""
    found: dict[str, set[str]] = {}
    for family in layout.CHANNELS.values():
        for entry in Channel(bucket_uri, family).ledger.entries():
            version = place(layout.version_uri(bucket_uri, entry.pointer.version))
            found.setdefault(version, set()).add(place(entry.pointer.evaluation_uri))
    return found


def _needed_by_dataset(bucket_uri: str, dataset: str) -> set[str]:
    dataset_uri = storage.join(bucket_uri, dataset)
    if not manifest.exists(dataset_uri):
        return {dataset}
    corpus_uri = manifest.load(dataset_uri).get("corpus_uri")
    return {dataset, place(corpus_uri)} if corpus_uri else {dataset}


def place(uri: str) -> str:
    """Return where in its bucket a directory is, which holds for a bucket that has moved too."""
    found = _PLACE.search(uri)
    return found[0] if found else uri
