"""The walk of a corpus through Spark: survey, plan, encode, commit."""

import logging
from typing import Any

from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 (the name that Spark's users know)

from musicgen.preprocess.commit import Origin, commit_dataset
from musicgen.preprocess.encode import encode_shards
from musicgen.preprocess.plan import mark_duplicates, place, split_works
from musicgen.preprocess.progress import counting
from musicgen.preprocess.rejects import check_rejects
from musicgen.preprocess.shards import Part
from musicgen.preprocess.survey import survey

KEEP = StorageLevel.DISK_ONLY
"""A row for each piece: read three times in all, and nothing that memory should grow with."""

_log = logging.getLogger(__name__)


def walk(spark: SparkSession, origin: Origin, dataset_uri: str) -> None:
    """Make a dataset and commit it.

    The driver sees counts, names of composers and ensembles, and hashes of files, never music.

    Raises:
        BadInput: too much of the corpus is unusable, or it has too few works.
    """
    config = origin.config
    with counting(spark, None, "Reading pieces") as done:
        marked = mark_duplicates(survey(spark, origin.corpus_uri, config, done)).persist(KEEP)
        pieces = marked.count()
    reasons = check_rejects(marked, pieces, config.max_rejected_share)
    shards = -(-pieces // config.pieces_per_shard)
    plan = place(marked, split_works(marked, config), shards).persist(KEEP)
    with counting(spark, pieces, "Encoding pieces") as done:
        rows = encode_shards(plan, shards, origin, dataset_uri, done).collect()
    facts = _facts(plan)
    parts = [Part(**row.asDict()) for row in rows]
    commit_dataset(dataset_uri, origin, parts, **facts, rejected_reasons=reasons)
    marked.unpersist()
    plan.unpersist()
    _log.info("%s: %d pieces, %s left out", origin.corpus, pieces, reasons or "none")


def _facts(plan: DataFrame) -> dict[str, Any]:
    """Return the conditioning values and the size of each split."""
    kept = plan.where("reason IS NULL")
    names = kept.agg(F.collect_set("composer"), F.collect_set("ensemble")).first()
    sizes = kept.groupBy("split").agg(
        F.count("*").alias("pieces"),
        F.count_distinct("work").alias("works"),
        F.sum("notes").alias("notes"),
        F.sum("frames").alias("frames"),
    )
    splits = {row["split"]: row.asDict() for row in sizes.collect()}
    for size in splits.values():
        del size["split"]
    return {"composers": names[0], "ensembles": names[1], "splits": splits}
