"""The second pass: the pieces of each shard are read again, encoded and written."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa
from pyspark import Accumulator
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 (the name that Spark's users know)
from pyspark.sql.pandas.types import from_arrow_schema

from musicgen.corpus.piece import Piece
from musicgen.corpus.prefetch import map_ahead
from musicgen.preprocess.commit import Origin
from musicgen.preprocess.encoding import PlacedPiece, encode_piece
from musicgen.preprocess.reading import read_for_dataset
from musicgen.preprocess.schema import TABLES
from musicgen.preprocess.shards import PART, Part, write_shard
from musicgen.preprocess.survey import PIECE_COLUMNS

_COLUMNS = ["shard", *(field.name for field in PIECE_COLUMNS), "split", "reason", "detail"]
_shard_of = itemgetter("shard")


def encode_shards(
    plan: DataFrame, shards: int, origin: Origin, dataset_uri: str, done: Accumulator
) -> DataFrame:
    """Write every shard of the plan; returns one row of ``PART`` for each file.

    A shard is written by one task, whatever the number of tasks, cores and attempts, and a task
    holds one shard in memory. Reading a piece twice costs less than carrying its notes through a
    shuffle. ``done`` counts the pieces whose shard has been written.
    """
    task = _shards_task(origin, dataset_uri, done)
    # A given number of partitions, because Spark would join small ones into a single task. And no
    # `groupBy(…).applyInArrow`: Spark 4.1 never frees the Arrow memory of its tasks, so that Java
    # would grow with the corpus.
    placed = plan.select(*map(F.col, _COLUMNS)).repartition(shards, "shard")
    return placed.mapInArrow(task, from_arrow_schema(PART))


def _shards_task(
    origin: Origin, dataset_uri: str, done: Accumulator
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        plan = sorted((row for batch in batches for row in batch.to_pylist()), key=_shard_of)
        for _, group in groupby(plan, _shard_of):
            rows = list(group)
            parts = make_shard(origin, dataset_uri, rows)
            done.add(len(rows))
            yield pa.RecordBatch.from_pylist([asdict(part) for part in parts], PART)

    return run


def make_shard(origin: Origin, dataset_uri: str, rows: list[dict[str, Any]]) -> list[Part]:
    """Read, encode and write the pieces of one shard, given as rows of the plan in any order."""
    rows = sorted(rows, key=lambda row: row["piece_id"])
    taken = [row for row in rows if row["reason"] is None]
    encoded = list(map_ahead(lambda row: _encoded(origin, row), taken))
    tables = {name: [tables[name] for tables in encoded] for name in TABLES if name != "rejected"}
    tables["rejected"] = [_rejected(row) for row in rows if row["reason"] is not None]
    return write_shard(dataset_uri, rows[0]["shard"], tables)


def _encoded(origin: Origin, row: dict[str, Any]) -> dict[str, pa.Table]:
    piece = Piece(**{field.name: row[field.name] for field in PIECE_COLUMNS})
    found = read_for_dataset(origin.corpus_uri, piece, origin.config)
    return encode_piece(PlacedPiece(piece, row["split"], found.score, found.parts), origin.config)


def _rejected(row: dict[str, Any]) -> pa.Table:
    schema = TABLES["rejected"]
    return pa.Table.from_pylist([{name: row[name] or "" for name in schema.names}], schema)
