"""Do MLflow's aliases say what the bucket's pointers say? The bucket is the truth."""

import logging
from dataclasses import dataclass

from musicgen import storage
from musicgen.errors import BadInput
from musicgen.registry import layout, tracking
from musicgen.registry.channel import Channel
from musicgen.registry.pointer import Pointer

logger = logging.getLogger(__name__)

Difference = tuple[str, tracking.Identity | None, tracking.Identity | None]
"""A family, and its champion in MLflow and in the bucket."""


@dataclass(frozen=True)
class AuditResult:
    """Where the two disagree.

    Attributes:
        disagreements: that stand now, a sentence each.
        mended: that were found and are gone, a sentence each.
        champions: by channel, what the bucket says.
    """

    disagreements: list[str]
    mended: list[str]
    champions: dict[str, str]


def audit(bucket_uri: str, mend: bool = False) -> AuditResult:
    """Compare the alias ``champion`` of each family with its pointer; finish killed moves too.

    Args:
        bucket_uri: the bucket.
        mend: set the aliases to what the pointers say.

    Raises:
        BadInput: MLflow names champions, and there is no bucket.
        MusicgenError: MLflow does not answer.
    """
    pointers = {
        name: Channel(bucket_uri, family).settled() for name, family in layout.CHANNELS.items()
    }
    families = {family: pointers[family] for family in layout.CHANNELS.values() if family}
    before = _differences(families)
    if before:
        _insist_on_bucket(bucket_uri)
    if before and mend:
        for family, pointer in families.items():
            if pointer:
                tracking.announce([pointer])
            elif tracking.announced(family):
                tracking.renounce(family)
    after = _differences(families) if before and mend else before
    mended = [_told("called", *found) for found in before if found not in after]
    for sentence in mended:
        logger.info("Mended: %s", sentence)
    champions = {name: pointer.version for name, pointer in pointers.items() if pointer}
    return AuditResult([_told("calls", *found) for found in after], mended, champions)


def _insist_on_bucket(bucket_uri: str) -> None:
    """Refuse a bucket that was lost or misspelt: MLflow's aliases then tell alone who led."""
    path = storage.local_path(bucket_uri)
    if path and not path.exists():
        raise BadInput(
            f"There is no bucket at {path}, but MLflow names champions: name theirs with --bucket."
        )


def _differences(families: dict[str, Pointer | None]) -> list[Difference]:
    with tracking.answering():
        found = {family: tracking.announced(family) for family in families}
    return [
        (family, found[family], _identity(pointer))
        for family, pointer in families.items()
        if found[family] != _identity(pointer)
    ]


def _told(
    verb: str, family: str, alias: tracking.Identity | None, pointer: tracking.Identity | None
) -> str:
    return f"MLflow {verb} {_name(alias)} the champion of {family}, the bucket {_name(pointer)}"


def _identity(pointer: Pointer | None) -> tracking.Identity | None:
    return (pointer.version, pointer.run_id) if pointer else None


def _name(identity: tracking.Identity | None) -> str:
    return f"{identity[0]} (run {identity[1]})" if identity else "nobody"
