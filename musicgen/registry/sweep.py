"""Retention: what nobody needs any more goes, whole and in an order that harms no reader."""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from musicgen import manifest, storage
from musicgen.errors import BadInput
from musicgen.registry import layout, versions
from musicgen.registry.needs import evaluations, needed_by, needed_versions, place

logger = logging.getLogger(__name__)

SHORTEST_DAYS = 1


@dataclass(frozen=True)
class SweepResult:
    """What went and what stayed.

    Attributes:
        removed: of each directory its ``uri`` and ``bytes``.
        freed_bytes: all of them together.
        kept: number of directories that stayed, by kind.
        versions: the versions that stayed whatever their age, with the reason.
        dry_run: nothing was deleted; this is what would have been.
    """

    removed: list[dict[str, Any]]
    freed_bytes: int
    kept: dict[str, int]
    versions: dict[str, str] = field(repr=False)
    dry_run: bool = False


def sweep(bucket_uri: str, days: int = 30, newest: int = 5, dry_run: bool = False) -> SweepResult:
    """Delete versions, trainings, evaluations, datasets and corpora that are old and not needed.

    Needed is what a version, a training or a dataset that stays stands on. What was never finished
    goes when it is old, and so do reproductions and what jobs in the cloud left. A version's number
    is never given to another bundle. A bucket that nothing was put in yet need not be there.

    Args:
        bucket_uri: the bucket.
        days: younger things stay, since work may be under way on them; at least 1.
        newest: so many versions of each family stay whatever their age.
        dry_run: delete nothing.

    Raises:
        BadInput: ``days`` or ``newest`` is too small.
    """
    if days < SHORTEST_DAYS or newest < 0:
        raise BadInput(f"Keep at least {SHORTEST_DAYS} day and 0 versions.")
    before = datetime.now(UTC) - timedelta(days=days)
    kept_versions = needed_versions(bucket_uri, newest)
    needed = {place(layout.version_uri(bucket_uri, version)) for version in kept_versions}
    won_by = evaluations(bucket_uri)
    removed: list[dict[str, Any]] = []
    kept: dict[str, int] = {}
    places = _places(bucket_uri)
    if not any(places.values()):
        logger.info("There is nothing to tidy in %s yet.", bucket_uri)
    young = {uri for uris in places.values() for uri in uris if not _is_older(uri, before)}
    # Models may stand on models of any kind: on those whose weights they started from.
    for stays in needed | {place(uri) for uri in young}:
        needed |= needed_by(bucket_uri, stays, won_by)
    # In this order each kind that stays, for its age too, says what is needed of those after it.
    for kind, uris in places.items():
        staying = [uri for uri in uris if place(uri) in needed or uri in young]
        needed |= {one for uri in staying for one in needed_by(bucket_uri, place(uri), won_by)}
        for uri in set(uris) - set(staying):
            removed.append({"uri": uri, "bytes": storage.size_bytes(uri)})
            if not dry_run:
                _remove(uri)
        kept[kind] = len(staying)
    removed.sort(key=lambda one: one["uri"])
    freed = sum(one["bytes"] for one in removed)
    return SweepResult(removed, freed, kept, kept_versions, dry_run)


def _places(bucket_uri: str) -> dict[str, list[str]]:
    """Return the directories that may go, by kind."""
    families = [family for family in layout.CHANNELS.values() if family]
    corpora_uri, jobs_uri = (storage.join(bucket_uri, name) for name in ("corpora", "jobs"))
    runs_uri = storage.join(jobs_uri, "runs")
    return {
        "versions": [
            uri
            for family in families
            for uri in _below(layout.versions_uri(bucket_uri, family))
            if storage.names(uri) != [versions.CLAIM]
        ],
        "training": _below(storage.join(bucket_uri, "training")),
        "evaluations": _below(storage.join(bucket_uri, "evaluations")),
        "reproductions": _below(storage.join(bucket_uri, "reproductions")),
        "jobs": [uri for uri in _below(jobs_uri) if uri != runs_uri] + _below(runs_uri),
        "datasets": _below(storage.join(bucket_uri, "datasets")),
        "corpora": [uri for corpus in _below(corpora_uri) for uri in _below(corpus)],
    }


def _below(uri: str) -> list[str]:
    return [storage.join(uri, name) for name in storage.children(uri)]


def _is_older(uri: str, before: datetime) -> bool:
    """Whether nothing was written there since; litter without any file counts as old."""
    names = [manifest.NAME] if manifest.exists(uri) else storage.names(uri)
    return all(storage.modified(storage.join(uri, name)) < before for name in names)


def _remove(uri: str) -> None:
    """Delete a directory, its manifest first, so that nobody takes what is left for a whole."""
    storage.remove(storage.join(uri, manifest.NAME))
    if storage.exists(storage.join(uri, versions.CLAIM)):
        for name in storage.names(uri):
            if name != versions.CLAIM:
                storage.remove(storage.join(uri, name))
    else:
        storage.remove(uri)
