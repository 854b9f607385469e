"""The dataset's tables as Spark sees them, with the columns that expectations are held against."""

from collections.abc import Callable, Iterator
from functools import partial

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812 (the name that Spark's users know)
from pyspark.sql.pandas.types import from_arrow_schema

from musicgen import manifest, storage
from musicgen.preprocess.dataset import Dataset, read_part
from musicgen.preprocess.plan import DUPLICATE
from musicgen.preprocess.schema import SPLITS, TABLES
from musicgen.quality import facts

NO_SUCH_PIECE = "no such piece"


def views(spark: SparkSession, dataset: Dataset) -> dict[str, DataFrame]:
    """Return one DataFrame for each table, and ``splits``, by name.

    Columns that compare a row with another table come from joins; nothing is computed until an
    expectation asks.
    """
    tables = {name: _table(spark, dataset, name) for name in ("pieces", "notes", "rejected")}
    note_facts = _table(spark, dataset, "notes", facts.note_facts, facts.NOTE_FACTS)
    measure = partial(facts.sequence_facts, vocabulary=dataset.vocabulary)
    sequences = _table(spark, dataset, "sequences", measure, facts.SEQUENCE_FACTS)
    rolls = _table(spark, dataset, "pianorolls", facts.pianoroll_facts, facts.PIANOROLL_FACTS)
    for small in (tables["pieces"], tables["rejected"], note_facts, sequences):
        small.persist(StorageLevel.MEMORY_AND_DISK)
    found = (
        tables["pieces"]
        .select(
            "piece_id",
            F.col("split").alias("piece_split"),
            F.col("composer").alias("piece_composer"),
            F.col("ensemble").alias("piece_ensemble"),
            F.col("frames").alias("piece_frames"),
        )
        .dropDuplicates(["piece_id"])
    )
    return {
        "pieces": _pieces(tables["pieces"], note_facts, sequences, tables["rejected"]),
        "notes": _with_piece(tables["notes"], found).withColumn(
            "end_steps", F.col("onset_steps") + F.col("duration_steps")
        ),
        "sequences": _with_piece(sequences, found).join(note_facts, "piece_id", "left"),
        "pianorolls": _with_piece(rolls, found),
        "rejected": _rejected(tables["rejected"], tables["pieces"]),
        "splits": _splits(spark, tables["pieces"]),
    }


def _pieces(
    pieces: DataFrame, note_facts: DataFrame, sequences: DataFrame, rejected: DataFrame
) -> DataFrame:
    """Add what other rows and tables say of each piece."""
    of_work, of_score = (Window.partitionBy(name) for name in ("work", "fingerprint"))
    copies = F.count("*").over(Window.partitionBy("fingerprint", "split"))
    sequence_counts = sequences.groupBy("piece_id").agg(F.count("*").alias("sequences_found"))
    left_out = rejected.select("piece_id").distinct().withColumn("is_rejected_too", F.lit(True))
    return (
        pieces.withColumns(
            {
                "splits_of_work": F.size(F.collect_set("split").over(of_work)),
                "splits_of_score": F.size(F.collect_set("split").over(of_score)),
                "copies_in_split": copies,
            }
        )
        .join(note_facts, "piece_id", "left")
        .join(sequence_counts, "piece_id", "left")
        .join(left_out, "piece_id", "left")
        .fillna({"notes_found": 0, "sequences_found": 0, "is_rejected_too": False})
    )


def _with_piece(rows: DataFrame, pieces: DataFrame) -> DataFrame:
    """Add the columns of each row's piece; ``piece_split`` tells where there is none."""
    return rows.join(pieces, "piece_id", "left").fillna({"piece_split": NO_SUCH_PIECE})


def _rejected(rejected: DataFrame, pieces: DataFrame) -> DataFrame:
    """Add the share of the corpus that was rejected to all rows that count for it."""
    counts_for_it = F.col("reason") != DUPLICATE
    taken = pieces.agg(F.count("*").alias("taken"))
    totals = rejected.agg(F.count("*").alias("left_out"), F.count_if(counts_for_it).alias("faulty"))
    share = F.col("faulty") / (F.col("taken") + F.col("left_out"))
    return (
        rejected.crossJoin(taken.crossJoin(totals))
        .withColumn("rejected_share", F.when(counts_for_it, share))
        .drop("taken", "left_out", "faulty")
    )


def _splits(spark: SparkSession, pieces: DataFrame) -> DataFrame:
    """Count the pieces of each split, the missing ones too."""
    names = spark.createDataFrame([(name,) for name in SPLITS], "split string")
    counts = pieces.groupBy("split").agg(F.count("*").alias("pieces"))
    return names.join(counts, "split", "left").fillna({"pieces": 0})


def _table(
    spark: SparkSession,
    dataset: Dataset,
    name: str,
    transform: Callable[[pa.Table], pa.Table] = lambda table: table,
    schema: pa.Schema | None = None,
) -> DataFrame:
    """Read the files that the manifest names, each in a task, through fsspec like all readers."""
    uri, hashes = dataset.uri, dataset.hashes(name)
    schema = schema or pa.schema([field.with_nullable(True) for field in TABLES[name]])

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for index in batch["id"].to_pylist():
                manifest.check(uri, *hashes[index])
                table = transform(read_part(storage.join(uri, hashes[index][0]), TABLES[name]))
                yield from table.cast(schema).to_batches(max_chunksize=100_000)

    if not hashes:
        return spark.createDataFrame([], from_arrow_schema(schema))
    return spark.range(0, len(hashes), 1, len(hashes)).mapInArrow(run, from_arrow_schema(schema))
