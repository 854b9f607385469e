"""Where a model comes from: each link of the chain names the one before it."""

import os
import subprocess
from typing import Any

from musicgen import storage
from musicgen.preprocess.dataset import Dataset
from musicgen.settings import PROJECT_PATH

UNKNOWN_SHA = "unknown"


def git_sha() -> str:
    """Return the commit of the running code: git's, else ``MUSICGEN_GIT_SHA``'s, else unknown."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=PROJECT_PATH,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
        return found.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return os.environ.get("MUSICGEN_GIT_SHA", UNKNOWN_SHA)


def verdict(dataset: Dataset) -> str:
    """Return what validation said of a dataset: ``passed``, ``failed`` or ``none``."""
    try:
        document = storage.read_json(storage.join(dataset.uri, "validation", "verdict.json"))
    except FileNotFoundError:
        return "none"
    return "passed" if document["success"] else "failed"


def provenance(dataset: Dataset) -> dict[str, Any]:
    """Return the links from the code to the dataset's verdict, as JSON values."""
    return {
        "git_sha": git_sha(),
        "corpus": dataset.corpus,
        "corpus_digest": dataset.corpus_digest,
        "dataset_id": dataset.dataset_id,
        "dataset_uri": dataset.uri,
        "validation": verdict(dataset),
    }
