"""The preprocess stage: a corpus snapshot becomes a dataset, on Spark."""

import time
from dataclasses import dataclass

from musicgen import manifest
from musicgen.preprocess.commit import Origin
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.dataset import Dataset


@dataclass(frozen=True)
class PreprocessResult:
    """Where the dataset is and what it holds.

    Attributes:
        dataset_uri: the dataset.
        dataset_id: digest of all that went into it.
        pieces: number of pieces taken.
        notes: number of notes taken.
        rejected: number of pieces left out, further recordings of a score among them.
        reused: whether it was there before.
        seconds: how long this call took.
    """

    dataset_uri: str
    dataset_id: str
    pieces: int
    notes: int
    rejected: int
    reused: bool
    seconds: float


def preprocess(
    corpus_uri: str, bucket_uri: str, config: PreprocessConfig = PreprocessConfig()
) -> PreprocessResult:
    """Make the dataset of a corpus, unless the bucket holds it.

    Equal snapshots and configurations give the same id and the same bytes, on any number of cores.
    The manifest is written last: until then, and after a kill, there is no dataset.

    Args:
        corpus_uri: a snapshot that ``ingest`` wrote.
        bucket_uri: the bucket that gets the dataset.
        config: how to prepare it.

    Raises:
        BadInput: there is no snapshot, too many of its pieces are unusable, or it has too few
            works to split, or the disk is full.
        MusicgenError: Spark cannot be started, or one of its workers failed.
    """
    begin = time.monotonic()
    origin = Origin.of_snapshot(corpus_uri, config)
    dataset_uri = origin.dataset_uri(bucket_uri.rstrip("/"))
    reused = manifest.exists(dataset_uri)
    if not reused:
        _make(origin, dataset_uri)
    counts = Dataset.open(dataset_uri).counts
    return PreprocessResult(
        dataset_uri,
        origin.dataset_id,
        counts["pieces"],
        counts["notes"],
        counts["rejected"],
        reused,
        round(time.monotonic() - begin, 3),
    )


def _make(origin: Origin, dataset_uri: str) -> None:
    # Spark takes seconds to import, and a dataset that is there already does not need it.
    from musicgen.preprocess.failures import DiskIsFull, readable_failures
    from musicgen.preprocess.session import spark_session
    from musicgen.preprocess.walk import walk

    try:
        with spark_session(f"musicgen preprocess {origin.corpus}") as spark, readable_failures():
            walk(spark, origin, dataset_uri)
    except DiskIsFull:
        manifest.discard(dataset_uri)  # a full disk is given its room back
        raise
