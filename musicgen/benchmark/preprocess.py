"""How fast a corpus becomes a dataset: on Spark, in a loop, in a pool of processes."""

import logging
import os
import sys
import tempfile
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from musicgen import manifest, storage
from musicgen.benchmark.copies import copied_corpus
from musicgen.benchmark.cost import cost_of
from musicgen.corpus.ingest import ingest
from musicgen.errors import BadInput, MusicgenError
from musicgen.preprocess.commit import Origin
from musicgen.preprocess.config import PreprocessConfig
from musicgen.settings import as_uri

logger = logging.getLogger(__name__)

CONTENDERS = ("spark", "loop", "pool")


@dataclass(frozen=True)
class Comparison:
    """What each contender took for the same files, with the same result byte for byte.

    Attributes:
        cores: how many each contender might use, but for the loop, which uses one.
        runs: one for each contender and size: files, notes, seconds, rates, memory.
        growth: how many times longer each contender took from one size to the next, by the
            growth of the corpus; 1 is growth in proportion.
    """

    cores: int
    runs: list[dict[str, Any]] = field(default_factory=list)
    growth: dict[str, list[float]] = field(default_factory=dict)


def compare(
    source: str, corpus: str, copies: list[int], contenders: list[str], cores: int | None = None
) -> Comparison:
    """Run each contender on the same transposed copies of a corpus, each in a fresh process.

    Args:
        source: where the corpus is.
        corpus: its name, as ``musicgen ingest`` knows it.
        copies: how many of each piece, by size.
        contenders: which of ``CONTENDERS``.
        cores: for Spark and the pool; None takes all.

    Raises:
        BadInput: the corpus cannot be used, or there is no such contender.
        MusicgenError: a contender failed, or two made different datasets.
    """
    unknown = set(contenders) - set(CONTENDERS)
    if unknown:
        raise BadInput(f"No contender {', '.join(unknown)}: choose of {', '.join(CONTENDERS)}.")
    found = Comparison(cores or len(os.sched_getaffinity(0)))
    with tempfile.TemporaryDirectory(prefix="musicgen-benchmark-") as directory:
        bucket_uri = as_uri(directory)
        original_uri = ingest(corpus, source, bucket_uri).corpus_uri
        for times in copies:
            corpus_uri = copied_corpus(original_uri, times, bucket_uri)
            made = [_run(name, corpus_uri, directory, found.cores) for name in contenders]
            if any(document != made[0][1] for _, document in made):
                raise MusicgenError(f"The contenders' datasets differ at {times} copies.")
            found.runs.extend({"copies": times} | run for run, _ in made)
    for name in contenders:
        own = [run for run in found.runs if run["contender"] == name]
        found.growth[name] = [
            round(b["seconds"] / a["seconds"] / (b["files"] / a["files"]), 2)
            for a, b in pairwise(own)
        ]
    return found


def _run(
    name: str, corpus_uri: str, directory: str, cores: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a contender took, and the manifest of its dataset."""
    bucket_uri = as_uri(str(Path(directory, name)))
    module = "musicgen.benchmark.contender"
    cost = cost_of([sys.executable, "-m", module, name, corpus_uri, bucket_uri, str(cores)])
    dataset_uri = Origin.of_snapshot(corpus_uri, PreprocessConfig()).dataset_uri(bucket_uri)
    document = manifest.load(dataset_uri)
    storage.remove(bucket_uri)
    files, notes = manifest.load(corpus_uri)["pieces"], document["counts"]["notes"]
    run = {
        "contender": name,
        "files": files,
        "notes": notes,
        "seconds": round(cost.wall_seconds, 1),
        "processor_seconds": round(cost.processor_seconds, 1),
        "files_per_second": round(files / cost.wall_seconds, 1),
        "notes_per_second": round(notes / cost.wall_seconds),
        "peak_mib": cost.peak_mib,
    }
    logger.info("%s", run)
    return run, document
