"""The dataset's tables as Spark sees them, with the columns that expectations are held against."""

from functools import partial

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812 (the name that Spark's users know)

from musicgen.preprocess.dataset import Dataset
from musicgen.preprocess.map_shards import map_shards
from musicgen.preprocess.plan import DUPLICATE
from musicgen.preprocess.schema import SPLITS, TABLES
from musicgen.quality.note_facts import NOTE_FACTS, note_facts
from musicgen.quality.pianoroll_facts import PIANOROLL_FACTS, pianoroll_facts
from musicgen.quality.sequence_facts import SEQUENCE_FACTS, sequence_facts

NO_SUCH_PIECE = "no such piece"

_KEEP = StorageLevel.MEMORY_AND_DISK
_SMALL = ("pieces", "rejected")
_OF_PIECE = ("split", "composer", "ensemble", "frames")
_DRIFT = "reference string, pitch_classes_distance double, durations_distance double"


def notes_by_piece(spark: SparkSession, dataset: Dataset) -> DataFrame:
    """Measure the notes of every piece, in one pass over the largest table."""
    measure = partial(
        note_facts,
        vocabulary=dataset.vocabulary,
        steps_per_quarter=dataset.config.steps_per_quarter,
    )
    return map_shards(spark, dataset, ("notes",), measure, NOTE_FACTS).persist(_KEEP)


def views(
    spark: SparkSession, dataset: Dataset, notes: DataFrame, drift: dict[str, str | float | None]
) -> dict[str, DataFrame]:
    """Return one DataFrame for each suite, by name.

    Whatever is expected of a row together with another one becomes a column here, so that Great
    Expectations asks for all columns of a view in one query. Nothing is computed before that.

    Args:
        spark: runs it.
        dataset: what is judged.
        notes: from ``notes_by_piece``.
        drift: from ``musicgen.quality.drift``.
    """
    measure = partial(
        sequence_facts,
        vocabulary=dataset.vocabulary,
        steps_per_quarter=dataset.config.steps_per_quarter,
    )
    with_metres = ("sequences", "metres")
    sequences = map_shards(spark, dataset, with_metres, measure, SEQUENCE_FACTS).persist(_KEEP)
    with_notes = ("pianorolls", "notes")
    rolls = map_shards(spark, dataset, with_notes, pianoroll_facts, PIANOROLL_FACTS)
    pieces, rejected = (_rows(spark, dataset, name).persist(_KEEP) for name in _SMALL)
    found = pieces.select(
        "piece_id", *(F.col(name).alias(f"piece_{name}") for name in _OF_PIECE)
    ).dropDuplicates(["piece_id"])
    return {
        "pieces": _pieces(pieces, notes, sequences, rejected),
        "instruments": _with_piece(_rows(spark, dataset, "instruments"), found).withColumn(
            "share_out_of_range", F.col("notes_out_of_range") / F.col("notes")
        ),
        "notes": _notes(_with_piece(notes, found)),
        "sequences": _sequences(_with_piece(sequences, found), notes),
        "pianorolls": _rolls(_with_piece(rolls, found)),
        "rejected": _rejected(rejected, pieces),
        "splits": _splits(spark, pieces),
        "drift": spark.createDataFrame([tuple(drift.values())], _DRIFT),
    }


def _pieces(
    pieces: DataFrame, notes: DataFrame, sequences: DataFrame, rejected: DataFrame
) -> DataFrame:
    """Add what other rows and tables say of each piece."""
    of_work, of_score = (Window.partitionBy(name) for name in ("work", "fingerprint"))
    copies = F.count("*").over(Window.partitionBy("fingerprint", "split"))
    sequence_counts = sequences.groupBy("piece_id").agg(F.count("*").alias("sequences_found"))
    left_out = rejected.select("piece_id").distinct().withColumn("is_rejected_too", F.lit(True))
    return (
        pieces.withColumns(
            {
                "rows_of_piece": F.count("*").over(Window.partitionBy("piece_id")),
                "splits_of_work": F.size(F.collect_set("split").over(of_work)),
                "splits_of_score": F.size(F.collect_set("split").over(of_score)),
                "copies_in_split": copies,
                "official_split": F.when(F.col("official_test"), F.col("split")),
            }
        )
        .join(notes.select("piece_id", "notes_found", "notes_fingerprint"), "piece_id", "left")
        .join(sequence_counts, "piece_id", "left")
        .join(left_out, "piece_id", "left")
        .fillna({"notes_found": 0, "sequences_found": 0, "is_rejected_too": False})
        .withColumn("has_its_notes", F.col("notes_fingerprint") == F.col("fingerprint"))
    )


def _with_piece(rows: DataFrame, pieces: DataFrame) -> DataFrame:
    """Add the columns of each row's piece, and whether it is in the piece's split."""
    return (
        rows.join(F.broadcast(pieces), "piece_id", "left")
        .fillna({"piece_split": NO_SUCH_PIECE})
        .withColumn("in_split_of_piece", F.col("split") == F.col("piece_split"))
    )


def _notes(notes: DataFrame) -> DataFrame:
    """Add where notes end, and the share of those that hardly do, to the pieces that have any.

    One is forgiven, or else a small corpus could not hold any.
    """
    everywhere = Window.partitionBy(F.lit(0))
    endless, total = (F.sum(name).over(everywhere) for name in ("endless_notes", "notes_found"))
    return notes.withColumns(
        {
            "ends_in_piece": F.col("last_end") <= F.col("piece_frames"),
            "endless_share": F.when(F.col("endless_notes") > 0, (endless - 1) / total),
        }
    )


def _sequences(sequences: DataFrame, notes: DataFrame) -> DataFrame:
    """Add whether each sequence agrees with its notes, with its piece, and with itself."""
    return sequences.join(
        notes.select("piece_id", "notes_fingerprint"), "piece_id", "left"
    ).withColumns(
        {
            **_same_as_piece("frames", "composer", "ensemble"),
            "ends_every_frame": F.col("ends_of_frames") == F.col("frames"),
            "has_all_positions": F.col("position_count") == F.col("token_count"),
            "decodes_to_notes": F.col("decoded_fingerprint") == F.col("notes_fingerprint"),
        }
    )


def _same_as_piece(*names: str) -> dict[str, Column]:
    return {f"in_{name}_of_piece": F.col(name) == F.col(f"piece_{name}") for name in names}


def _rolls(rolls: DataFrame) -> DataFrame:
    """Add where each excerpt begins, how often it is there, and whether it is of its piece."""
    excerpt = Window.partitionBy("piece_id", "start_steps")
    return rolls.withColumns(
        {
            **_same_as_piece("composer", "ensemble"),
            "begins_in_piece": F.col("start_steps") < F.col("piece_frames"),
            "rows_of_excerpt": F.count("*").over(excerpt),
        }
    )


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


def _rows(spark: SparkSession, dataset: Dataset, name: str) -> DataFrame:
    """Return a table as it is."""
    schema = pa.schema([field.with_nullable(True) for field in TABLES[name]])
    return map_shards(spark, dataset, (name,), lambda table: table, schema)
