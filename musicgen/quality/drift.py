"""How far a dataset is from the last one of the same source that was accepted."""

from dataclasses import asdict, dataclass

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 (the name that Spark's users know)

from musicgen import manifest, storage
from musicgen.preprocess.dataset import Dataset
from musicgen.quality.note_facts import DURATION_EDGES_QUARTERS

ACCEPTED = ".accepted"
"""Beside the datasets: which of them was accepted last, for each corpus and source."""


@dataclass(frozen=True)
class Spread:
    """How the notes of a dataset are spread.

    Attributes:
        dataset_id: the dataset.
        pitch_classes: number of notes of C, C sharp … B.
        durations: number of notes up to each of ``DURATION_EDGES_QUARTERS``, and of longer ones.
    """

    dataset_id: str
    pitch_classes: list[int]
    durations: list[int]


def spread(dataset: Dataset, note_facts: DataFrame) -> Spread:
    """Sum up what ``note_facts`` says of all pieces."""
    sizes = {"pitch_classes": 12, "durations": len(DURATION_EDGES_QUARTERS) + 1}
    sums = [
        F.coalesce(F.sum(F.col(name)[index]), F.lit(0))
        for name, size in sizes.items()
        for index in range(size)
    ]
    row = list(note_facts.agg(*sums).first())
    return Spread(dataset.dataset_id, row[:12], row[12:])


def drift(found: Spread, reference: Spread | None) -> dict[str, str | float | None]:
    """Return the total variation distance of each distribution, 0–1; None without a reference."""
    return {
        "reference": reference.dataset_id if reference else None,
        "pitch_classes_distance": _distance(found.pitch_classes, reference, "pitch_classes"),
        "durations_distance": _distance(found.durations, reference, "durations"),
    }


def last_accepted(dataset: Dataset) -> Spread | None:
    """Return what was accepted last of the same corpus and source, None if nothing was."""
    try:
        return Spread(**storage.read_json(_uri(dataset)))
    except FileNotFoundError:
        return None


def accept(dataset: Dataset, found: Spread) -> None:
    """Make a dataset the one that the next of its source is held against."""
    storage.write_json(_uri(dataset), asdict(found))


def _uri(dataset: Dataset) -> str:
    source = manifest.digest([dataset.corpus, dataset.document.get("corpus_source", "")])
    datasets_uri = dataset.uri.rpartition("/")[0]
    return storage.join(datasets_uri, ACCEPTED, f"{dataset.corpus}-{source}.json")


def _distance(counts: list[int], reference: Spread | None, name: str) -> float | None:
    if reference is None or not sum(counts):
        return None
    before = np.array(getattr(reference, name), float)
    now = np.array(counts, float)
    return float(np.abs(now / now.sum() - before / before.sum()).sum() / 2)
