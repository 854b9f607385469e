"""The tables of the report, computed on Spark."""

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812 (the name that Spark's users know)

from musicgen.analysis.tally import INPUTS, TALLY, tally
from musicgen.preprocess.dataset import Dataset
from musicgen.preprocess.map_shards import map_shards

COUNTS = ("pieces", "notes", "frames", "seconds")
NUMERIC = ("tempi", "instruments", "pitches", "durations", "intervals", "polyphony")
"""Tables whose key is a number."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "splits": ("split", "works", *COUNTS),
    "composers": ("composer", "split", *COUNTS),
    "ensembles": ("ensemble", "split", *COUNTS),
    "composers_ensembles": ("composer", "ensemble", "split", *COUNTS),
    "instruments": ("program", "split", "pieces", "notes"),
    "pitches": ("pitch", "split", "notes"),
    "durations": ("duration_steps", "split", "notes"),
    "intervals": ("semitones", "split", "notes"),
    "polyphony": ("notes_sounding", "split", "frames"),
    "keys": ("music_key", "split", "pieces"),
    "metres": ("metre", "split", "pieces"),
    "tempi": ("from_qpm", "split", *COUNTS),
    "duplicates": ("piece_id", "pieces"),
    "rejected": ("reason", "pieces"),
}
"""Columns of each table; the first is what its rows are told apart by, besides the split.

``duplicates.pieces`` counts the further recordings of a piece's score.
"""


def tables(spark: SparkSession, dataset: Dataset) -> dict[str, pa.Table]:
    """Return all tables by name, sorted; the dataset is read once.

    Workers count shard by shard and Spark adds up, so that the driver sees one row for each
    composer, pitch or metre, whatever the size of the corpus.
    """
    counts = map_shards(spark, dataset, INPUTS, tally, TALLY)
    sums = counts.groupBy("table", "split", "key", "other").agg(
        *(F.sum(name).alias(name) for name in COUNTS)
    )
    sums = sums.persist(StorageLevel.MEMORY_AND_DISK)
    is_work = F.col("table") == "works"
    works = {
        row["split"]: row["count"] for row in sums.where(is_work).groupBy("split").count().collect()
    }
    found: dict[str, list[dict]] = {name: [] for name in COLUMNS}
    for row in sums.where(~is_work).collect():
        found[row["table"]].append(row.asDict() | {"works": works.get(row["split"], 0)})
    sums.unpersist()
    return {name: _table(name, rows) for name, rows in found.items()}


def _table(name: str, rows: list[dict]) -> pa.Table:
    """Give the columns their names and types."""
    columns = COLUMNS[name]
    key, key_type = columns[0], pa.int64() if name in NUMERIC else pa.string()
    schema = pa.schema([(column, _TYPES.get(column, key_type)) for column in columns])
    for row in rows:
        row["ensemble" if name == "composers_ensembles" else "other"] = row["other"]
        row[key] = int(row["key"]) if name in NUMERIC else row["key"]
    order = [(column, "ascending") for column in columns if column not in (*COUNTS, "works")]
    return pa.Table.from_pylist(rows, schema).sort_by(order)


_TYPES = {
    **dict.fromkeys(("pieces", "notes", "frames", "works"), pa.int64()),
    **dict.fromkeys(("split", "ensemble"), pa.string()),
    "seconds": pa.float64(),
}
