"""What becomes of each piece: duplicate or not, its split, its shard. DataFrames in and out."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812 (the name that Spark's users know)

from musicgen.errors import BadInput
from musicgen.preprocess.config import PreprocessConfig

DUPLICATE = "duplicate_score"
MIN_WORKS = 3
LARGE = 2
"""A work this many times larger than the share of a split would be most of it."""


def mark_duplicates(survey: DataFrame) -> DataFrame:
    """Give all pieces but one of each fingerprint the reason ``duplicate_score``.

    The piece that stays is an official test piece if there is one, and the first by id. Adds
    ``official_score``: whether any recording of the score is an official test piece.
    """
    # Rejected pieces have no fingerprint; by their ids they do not all land in one group.
    same_score = Window.partitionBy(F.coalesce("fingerprint", "piece_id"))
    is_official = F.coalesce(F.col("official_split") == "test", F.lit(False))
    first = F.first("piece_id").over(same_score.orderBy(F.desc(is_official), "piece_id"))
    marked = survey.withColumns(
        {"first_id": first, "official_score": F.max(is_official).over(same_score)}
    )
    is_copy = F.col("reason").isNull() & (F.col("piece_id") != F.col("first_id"))
    detail = F.concat(F.lit("the same notes as piece "), F.col("first_id"))
    return marked.withColumns(
        {
            "reason": F.when(is_copy, F.lit(DUPLICATE)).otherwise(F.col("reason")),
            "detail": F.when(is_copy, detail).otherwise(F.col("detail")),
        }
    ).drop("first_id")


def split_works(marked: DataFrame, config: PreprocessConfig) -> DataFrame:
    """Return ``work`` and ``split`` of all works that have a piece to take.

    If the corpus has official test pieces, the works of these scores are the test split, whole;
    else a share of the works is. A work's split depends on its key and the seed alone, so that no
    work changes sides when the corpus grows. There are two exceptions: a work that holds more than
    ``LARGE`` times the share of a split, in frames, trains; and a corpus too small for shares goes
    by rank, its large works last.

    Raises:
        BadInput: there are too few works.
    """
    works = (
        marked.groupBy("work")
        .agg(
            F.max("official_score").alias("official"),
            F.max(F.col("reason").isNull()).alias("kept"),
            F.sum(F.when(F.col("reason").isNull(), F.col("frames"))).alias("frames"),
        )
        .where("kept")
        .withColumn("draw", _unit_hash(F.concat(F.lit(f"{config.split_seed}:"), F.col("work"))))
    )
    totals = works.agg(F.count("*"), F.count_if("official"), F.sum("frames")).first()
    count, official, frames = totals
    free = count - official
    if count < MIN_WORKS or free < MIN_WORKS - bool(official):
        raise BadInput(
            f"The corpus has {count} works with readable music, {official} of them official test "
            f"works; training, validation and test need one each. Add music to the corpus."
        )
    test_share = 0.0 if official else config.test_share
    share = F.col("frames") / frames
    split = _split(F.col("draw"), test_share, test_share + config.valid_share)
    is_large = share > LARGE * F.when(split == "test", test_share).otherwise(config.valid_share)
    split = F.when(is_large, F.lit("train")).otherwise(split)
    free_works = works.where("NOT official")
    if free_works.select(split).distinct().count() < MIN_WORKS - bool(official):
        is_large = share > LARGE * min(config.valid_share, test_share or 1.0)
        split = _split_by_rank(free, test_share, config.valid_share, is_large)
    return works.select(
        "work", F.when(F.col("official"), F.lit("test")).otherwise(split).alias("split")
    )


def _split(position: Column, test_until: float, valid_until: float) -> Column:
    """Cut positions from 0 to 1 into test, validation and training, in that order."""
    held_out = F.when(position < valid_until, F.lit("valid")).otherwise(F.lit("train"))
    return F.when(position < test_until, F.lit("test")).otherwise(held_out)


def _split_by_rank(works: int, test_share: float, valid_share: float, is_large: Column) -> Column:
    """Give each split the share of so few works that it comes to, but one at least."""
    tests = max(1, int(works * test_share)) if test_share else 0
    valids = max(1, int(works * valid_share))
    rank = F.row_number().over(Window.partitionBy("official").orderBy(is_large, "draw", "work"))
    return _split((rank - 1) / works, tests / works, (tests + valids) / works)


def place(marked: DataFrame, works: DataFrame, shards: int) -> DataFrame:
    """Add each piece's ``split`` (by its work) and ``shard`` (by hash of its id)."""
    shard = F.floor(_unit_hash(F.col("piece_id")) * shards).cast("int")
    return marked.join(works, "work", "left").withColumn("shard", shard)


def _unit_hash(text: Column) -> Column:
    """Map text to 0–1, evenly, by the first 32 bits of its SHA-256."""
    digits = F.substring(F.sha2(text, 256), 1, 8)
    return F.conv(digits, 16, 10).cast("double") / 2**32
