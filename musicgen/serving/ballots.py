"""The votes in the bucket: kept one file each, and counted."""

import logging
import threading
from collections import Counter
from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field, ValidationError, model_validator

from musicgen import storage

log = logging.getLogger(__name__)


class Vote(BaseModel):
    """A vote as it is kept: one JSON file each, below ``votes/`` in the bucket."""

    vote_id: str
    voted_at: datetime
    pieces: list[str]
    versions: list[str] = Field(description="The model version that made each piece.")
    best: str | None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if len(self.versions) != len(self.pieces) or self.best not in (None, *self.pieces):
            raise ValueError("The vote does not hold together.")
        return self


class Standing(BaseModel):
    """How one version, or all of a family's, did in votes between it and others."""

    name: str
    compared: int = Field(description="Votes in which it stood beside another.")
    best: int = Field(description="Those that it won.")
    ties: int = Field(description="Those without a difference.")


class Tally(BaseModel):
    """What people preferred so far; who stood beside none but its own kind is not compared."""

    votes: int
    families: list[Standing]
    versions: list[Standing]

    @classmethod
    def of(cls, votes: list[Vote]) -> Self:
        """Count votes."""
        families = [[name.partition("-")[0] for name in vote.versions] for vote in votes]
        return cls(
            votes=len(votes),
            families=_standings(votes, families),
            versions=_standings(votes, [vote.versions for vote in votes]),
        )


class Ballots:
    """Keeps votes and counts them; each is read once, for none ever changes. For any thread."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._votes: dict[str, Vote | None] = {}
        self._lock = threading.Lock()

    def keep(self, vote: Vote) -> None:
        """Write a vote; raises what the store does."""
        uri = storage.join(self._uri, f"{vote.voted_at:%Y-%m-%d}", f"{vote.vote_id}.json")
        storage.write_json(uri, vote.model_dump(mode="json"))

    def tally(self) -> Tally:
        """Count all votes, other servers' among them; raises what the store does."""
        with self._lock:
            for name in storage.names(self._uri):
                if name not in self._votes:
                    self._votes[name] = self._read(name)
            return Tally.of([vote for vote in self._votes.values() if vote])

    def _read(self, name: str) -> Vote | None:
        try:
            return Vote.model_validate_json(storage.read_bytes(storage.join(self._uri, name)))
        except ValidationError:
            log.warning("%s in %s is no vote", name, self._uri)
            return None


def _standings(votes: list[Vote], names: list[list[str]]) -> list[Standing]:
    """Count votes by who made the pieces: a name for each piece of each vote."""
    compared: Counter[str] = Counter()
    best: Counter[str] = Counter()
    ties: Counter[str] = Counter()
    for vote, makers in zip(votes, names, strict=True):
        if len(set(makers)) > 1:
            compared.update(set(makers))
            if vote.best is None:
                ties.update(set(makers))
            else:
                best[makers[vote.pieces.index(vote.best)]] += 1
    return [
        Standing(name=name, compared=compared[name], best=best[name], ties=ties[name])
        for name in sorted(compared)
    ]
