"""Where the registry keeps things in a bucket, and how its things are named."""

from musicgen import storage

OVERALL = "musicgen"
"""The model that has no versions of its own: its pointer names the better of the families."""


CHANNELS: dict[str, str | None] = {"overall": None, "lstm": "lstm", "gan": "gan"}
"""Families by the names that people give to the channels; the overall one is of no family."""


def channel_name(family: str | None) -> str:
    """Return what people call a family's channel; None means the overall one."""
    return family or "overall"


def model_name(family: str | None) -> str:
    """Return the model of a family, ``musicgen-lstm``; None means the overall model."""
    return OVERALL if family is None else f"{OVERALL}-{family}"


def versions_uri(bucket_uri: str, family: str) -> str:
    """Return the directory that holds a family's versions by number."""
    return storage.join(bucket_uri, "models", model_name(family), "versions")


def version_uri(bucket_uri: str, version: str) -> str:
    """Return the bundle of a version such as ``lstm-3``."""
    family, _, number = version.rpartition("-")
    return storage.join(versions_uri(bucket_uri, family), number)


def channel_uri(bucket_uri: str, family: str | None = None) -> str:
    """Return the champion pointer of a family, or the overall one."""
    return storage.join(bucket_uri, "models", model_name(family), "channels", "champion.json")


def ledger_uri(bucket_uri: str, family: str | None = None) -> str:
    """Return the directory of ledger entries of a family, or the overall one."""
    return storage.join(bucket_uri, "models", model_name(family), "ledger")


def decisions_uri(bucket_uri: str, family: str | None = None) -> str:
    """Return the directory of decisions on a family's champion, or on the overall one."""
    return storage.join(bucket_uri, "models", model_name(family), "decisions")


def requests_uri(bucket_uri: str) -> str:
    """Return the document of what people asked the API for lately."""
    return storage.join(bucket_uri, "requests", "recent.json")


def votes_uri(bucket_uri: str) -> str:
    """Return the directory of people's votes, one file each by day."""
    return storage.join(bucket_uri, "votes")
