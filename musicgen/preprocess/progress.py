"""Progress of Spark jobs, as counted by the workers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pyspark import Accumulator
from pyspark.sql import SparkSession

from musicgen.corpus.progress import counter

SECONDS_BETWEEN_LOOKS = 0.5


@contextmanager
def counting(spark: SparkSession, total: int | None, what: str) -> Iterator[Accumulator]:
    """Give an accumulator that workers add to, and show on standard error how far it is.

    Spark brings the workers' counts home as their tasks end; a repeated task counts again, so the
    number is for people to look at and nothing else.
    """
    done = spark.sparkContext.accumulator(0)
    finished = threading.Event()

    def watch() -> None:
        shown = 0
        with counter(total, what) as advance:
            while not finished.wait(SECONDS_BETWEEN_LOOKS):
                value = done.value
                advance(value - shown)
                shown = value

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield done
    finally:
        finished.set()
        watcher.join()
