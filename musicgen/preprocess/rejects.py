"""When too much of a corpus is left out, the reasons are named instead of a dataset made."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 (the name that Spark's users know)

from musicgen.errors import BadInput
from musicgen.preprocess.plan import DUPLICATE

NAMED_REASONS = 3


def check_rejects(marked: DataFrame, pieces: int, max_share: float) -> dict[str, int]:
    """Return the number of pieces left out by reason, duplicates among them.

    Args:
        marked: the survey with duplicates marked.
        pieces: number of its rows.
        max_share: the share of rejected pieces that is borne, 0–1; duplicates do not count.

    Raises:
        BadInput: more are rejected than that, or all; the most frequent reasons are named.
    """
    rows = (
        marked.where("reason IS NOT NULL")
        .groupBy("reason")
        .agg(F.count("*").alias("count"), F.min(F.struct("source", "detail")).alias("example"))
        .orderBy(F.desc("count"), "reason")
        .collect()
    )
    faults = [row for row in rows if row["reason"] != DUPLICATE]
    rejected = sum(row["count"] for row in faults)
    if rejected == pieces or rejected > max_share * pieces:
        shown = "; ".join(
            f"{row['reason']} ({row['count']}, such as {_example(row['example'])})"
            for row in faults[:NAMED_REASONS]
        )
        raise BadInput(
            f"{rejected} of {pieces} pieces cannot be used, and at most "
            f"{max_share:.0%} may be left out: {shown}. Mend or remove them."
        )
    return {row["reason"]: row["count"] for row in rows}


def _example(example) -> str:
    return f"{example['source']}: {example['detail']}" if example["detail"] else example["source"]
