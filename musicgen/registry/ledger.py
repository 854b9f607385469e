"""The ledger: what a pointer named at each generation, and why. Entries are never changed."""

import getpass
import json
import os
import uuid
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from musicgen import storage
from musicgen.registry import atomic
from musicgen.registry.atomic import Conflict
from musicgen.registry.pointer import Pointer
from musicgen.stages import ANSWER

PROMOTION, ROLLBACK = "promotion", "rollback"


@dataclass(frozen=True)
class Entry:
    """One move of a pointer.

    Attributes:
        pointer: what it names from this generation on.
        reason: why, in a sentence.
        actor: who moved it: a user, or an Airflow run, and who gave it leave.
        time: when it was decided, ISO 8601 in UTC.
        evidence: the numbers behind the reason.
        kind: ``promotion``, or ``rollback``: what the pointer left then does not return by itself.
        claim_id: unique, so that a writer knows its own entry again.
    """

    pointer: Pointer
    reason: str
    actor: str
    time: str
    evidence: dict[str, Any] = field(default_factory=dict)
    kind: str = PROMOTION
    claim_id: str = field(default_factory=lambda: uuid.uuid4().hex)


def actor() -> str:
    """Name who moves pointers: the Airflow run, or the user; and who was asked, if anybody was."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        user = f"uid {os.getuid()}"
    known = (os.environ.get("AIRFLOW_CTX_DAG_RUN_ID") or user, os.environ.get(ANSWER))
    return ", ".join(filter(None, known))


def now() -> str:
    """Return the time as entries give it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Ledger:
    """The entries of one pointer, one file for each generation, counted from 1 without gaps."""

    uri: str

    def claim(self, entry: Entry) -> None:
        """Write the entry of its pointer's generation; the first to do so has the generation.

        Raises:
            Conflict: somebody else has it.
        """
        uri = self._uri(entry.pointer.generation)
        text = json.dumps(asdict(entry), indent=1, sort_keys=True, allow_nan=False)
        try:
            atomic.create(uri, text.encode() + b"\n")
        except Conflict:
            # Where an answer was lost on the way, the retry finds the entry written by itself.
            if self.entry(entry.pointer.generation) != entry:
                raise

    def entry(self, generation: int) -> Entry | None:
        """Return the entry of a generation, None if nobody claimed it."""
        found = atomic.read(self._uri(generation))
        if found is None:
            return None
        document = json.loads(found.data)
        entry = Entry(**document)
        return replace(entry, pointer=Pointer.from_document(document["pointer"]))

    def entries(self) -> list[Entry]:
        """Return all entries, oldest first."""
        found: list[Entry] = []
        while entry := self.entry(len(found) + 1):
            found.append(entry)
        return found

    def withdrawn(self) -> set[str]:
        """Return the versions that were rolled back and not chosen again since."""
        found: set[str] = set()
        for entry in self.entries():
            if entry.kind == ROLLBACK and entry.pointer.previous:
                found.add(entry.pointer.previous)
            found.discard(entry.pointer.version)
        return found

    def _uri(self, generation: int) -> str:
        return storage.join(self.uri, f"{generation}.json")
