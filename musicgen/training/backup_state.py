"""A training between two epochs, as it lies in the bucket."""

import io
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from musicgen import storage

LOG = logging.getLogger(__name__)
NAME = "state.npz"


@dataclass(frozen=True)
class BackupState:
    """A training between two epochs.

    Attributes:
        git_sha: of the code that trained it; other code would come to a mixture.
        epochs_done: how many epochs are finished.
        stopped: whether training is to end here.
        seconds: time that the finished epochs took.
        callbacks: remembered attributes by class name.
        metrics: rows of the metric log.
        arrays: ``model/<i>``, ``optimizer/<j>/<i>``, ``training/<i>`` and ``best``.
    """

    git_sha: str
    epochs_done: int
    stopped: bool
    seconds: float
    callbacks: dict[str, dict[str, Any]]
    metrics: list[list[Any]]
    arrays: dict[str, np.ndarray]

    def save(self, backup_uri: str) -> None:
        """Write it as one object, seen whole or not at all."""
        facts = {key: value for key, value in vars(self).items() if key != "arrays"}
        text = np.frombuffer(json.dumps(facts).encode(), np.uint8)
        buffer = io.BytesIO()
        np.savez(buffer, facts=text, **self.arrays)
        storage.write_bytes(storage.join(backup_uri, NAME), buffer.getvalue())

    @classmethod
    def load(cls, backup_uri: str, git_sha: str) -> "BackupState | None":
        """Read what this code saved last; None if nothing was, or by other code."""
        try:
            data = storage.read_bytes(storage.join(backup_uri, NAME))
        except FileNotFoundError:
            return None
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        facts = json.loads(arrays.pop("facts").tobytes())
        if facts.get("git_sha") != git_sha or facts.keys() != _FACTS:
            LOG.info("Other code left %s; the training begins anew.", backup_uri)
            return None
        return cls(**facts, arrays=arrays)

    def fits(self, variables: Iterable[tuple[str, Any]]) -> bool:
        """Whether it holds these variables by the keys of ``arrays``, in their shapes.

        Code has no name of its own where it was changed without a commit, or comes without git.
        """
        return all(
            key in self.arrays and self.arrays[key].shape == tuple(variable.shape)
            for key, variable in variables
        )


_FACTS = {field.name for field in fields(BackupState)} - {"arrays"}
