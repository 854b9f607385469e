"""What all jobs in the cloud share: names, labels, and the attempt that a task has come to."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from airflow.sdk import Context
from airflow.triggers.base import BaseTrigger

from musicgen import manifest, storage
from musicgen.settings import settings
from musicgen_gcp.settings import GcpSettings

MARK = "musicgen"
"""Value of the label ``app``: whatever bears it is ours, and may be removed once it is old."""


@dataclass(frozen=True)
class Identity:
    """Which task of which run a job is for.

    Attributes:
        stage: sub-command of ``musicgen``.
        dag_id, run_id, task_id, map_index: of the Airflow task.
    """

    stage: str
    dag_id: str
    run_id: str
    task_id: str
    map_index: int

    @classmethod
    def of(cls, stage: str, context: Context) -> "Identity":
        """Read the identity from a task's context."""
        ti = context["ti"]
        return cls(stage, ti.dag_id, ti.run_id, ti.task_id, ti.map_index)

    def job_id(self, asked: Sequence[str], attempt: int) -> str:
        """Return the same id for the same attempt, whoever asks; 4 to 63 of ``a-z 0-9 -``.

        Args:
            asked: what the job is to do and where: a task that is cleared may be given other
                inputs than before, and must not take the result of the old ones.
            attempt: counted from 1.
        """
        parts = [self.dag_id, self.run_id, self.task_id, self.map_index, *asked]
        return f"musicgen-{self.stage}-{manifest.digest(parts)[:16]}-{attempt}"

    @property
    def labels(self) -> dict[str, str]:
        """Return labels for all that costs; bills can be read by them."""
        return {"app": MARK, "stage": self.stage, "dag": label(self.dag_id)} | {
            "run": label(self.run_id),
            "task": label(self.task_id),
        }


@dataclass(frozen=True)
class Found:
    """A job as the cloud tells of it.

    Attributes:
        name: what the service calls it.
        state: in the service's own words.
        ended_badly: whether it has failed or was cancelled, or is about to.
    """

    name: str
    state: str
    ended_badly: bool


@dataclass(frozen=True)
class Took:
    """What a job that has ended took.

    Attributes:
        seconds: from its creation to its end, with the start of its machines.
        priced_as: the key of its machine's price.
        machines: how many of them.
        expected_hours: how long such a job was expected to take.
    """

    seconds: float
    priced_as: str
    machines: int
    expected_hours: float


class CloudJob(ABC):
    """One stage as a job of one service, for ``GcpLauncher``."""

    def __init__(self, config: GcpSettings, identity: Identity, limit_seconds: int) -> None:
        self.config = config
        self.identity = identity
        self.limit_seconds = limit_seconds

    @abstractmethod
    def find(self, job_id: str) -> Found | None:
        """Return the job of that id, None if there is none."""

    @abstractmethod
    def create(self, job_id: str, arguments: Sequence[str], environment: Mapping[str, str]) -> str:
        """Start a job, or find that someone has just done so; return the service's name for it."""

    @abstractmethod
    def cancel(self, name: str) -> None:
        """Ask for the job's end; nothing happens if it has ended."""

    @abstractmethod
    def trigger(self, name: str) -> BaseTrigger:
        """Return what waits for the job's end, and cancels it if its task is killed."""

    @abstractmethod
    def failure(self, event: Mapping[str, Any]) -> str | None:
        """Return why the job of a trigger's event has not succeeded, None if it has."""

    @abstractmethod
    def took(self, job_id: str) -> Took:
        """Return what the job of that id took; it has ended."""

    def settle(self, arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[str, str]:
        """Return id and name of the job that this task waits for, started if need be.

        A task that is tried again finds its job if that still runs or has succeeded; after a
        failure the next attempt has an id of its own, and so has a job with other inputs.
        """
        asked = [settings().bucket_uri, *arguments]
        for attempt in count(1):
            job_id = self.identity.job_id(asked, attempt)
            found = self.find(job_id)
            if found is None:
                return job_id, self.create(job_id, arguments, environment)
            if not found.ended_badly:
                return job_id, found.name
        raise AssertionError("unreachable")


def job_uri(job_id: str) -> str:
    """Return the bucket's directory for a job's files."""
    return storage.join(settings().bucket_uri, "jobs", job_id)


def outcome_uri(job_id: str) -> str:
    """Return where ``musicgen.remote`` leaves the job's outcome."""
    return storage.join(job_uri(job_id), "outcome.json")


def command_line(
    job_id: str, arguments: Sequence[str], environment: Mapping[str, str]
) -> list[str]:
    """Return the arguments of ``musicgen.remote``."""
    shared = {
        "MUSICGEN_BUCKET": settings().bucket_uri,
        "MUSICGEN_TRACKING_URI": settings().tracking_uri,
        **environment,
    }
    return [outcome_uri(job_id), *(f"{key}={value}" for key, value in shared.items()), *arguments]


def label(text: str) -> str:
    """Return a text as Google Cloud takes it for a label's value."""
    return re.sub(r"[^a-z0-9_-]", "-", text.lower())[:63].strip("-_")
