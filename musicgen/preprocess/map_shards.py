"""Reading a dataset's tables on Spark: whatever is computed from the pieces of one shard."""

from collections.abc import Callable, Iterator

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from musicgen import manifest, storage
from musicgen.preprocess.dataset import Dataset, read_part
from musicgen.preprocess.schema import TABLES


def map_shards(
    spark: SparkSession,
    dataset: Dataset,
    names: tuple[str, ...],
    transform: Callable[..., pa.Table],
    schema: pa.Schema,
) -> DataFrame:
    """Transform what each shard holds of some tables, one task for each shard.

    Only files that the manifest names are read, through fsspec like by all readers, and checked
    against their hashes. A piece has its rows in the same shard of all tables.

    Args:
        spark: runs it.
        dataset: what is read.
        names: the tables; ``transform`` is given one argument for each of them.
        transform: returns rows of ``schema``.
        schema: of the result.
    """
    uri = dataset.uri
    hashes = {path: digest for name in names for path, digest in dataset.hashes(name)}
    shards = sorted({path.partition("/")[2] for path in hashes})

    def part(name: str, shard: str) -> pa.Table:
        path = f"{name}/{shard}"
        if path not in hashes:  # no piece of this shard has a row in it
            return TABLES[name].empty_table()
        manifest.check(uri, path, hashes[path])
        return read_part(storage.join(uri, path), TABLES[name])

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for index in batch["id"].to_pylist():
                table = transform(*(part(name, shards[index]) for name in names))
                yield from table.cast(schema).to_batches(max_chunksize=100_000)

    if not shards:
        return spark.createDataFrame([], from_arrow_schema(schema))
    return spark.range(0, len(shards), 1, len(shards)).mapInArrow(run, from_arrow_schema(schema))
