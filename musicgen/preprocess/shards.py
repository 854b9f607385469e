"""Shards: the pieces of one shard become one Parquet file of each table."""

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from musicgen import storage
from musicgen.preprocess.schema import TABLES, part_name

PART = pa.schema(
    [
        pa.field("table", pa.string()),
        pa.field("path", pa.string()),
        pa.field("sha256", pa.string()),
        pa.field("rows", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Part:
    """One Parquet file as it was written.

    Attributes:
        table: the table it belongs to.
        path: relative to the dataset.
        sha256: of its bytes.
        rows: how many it holds.
    """

    table: str
    path: str
    sha256: str
    rows: int


def write_shard(dataset_uri: str, shard: int, rows: dict[str, Iterable[pa.Table]]) -> list[Part]:
    """Write the rows of one shard, one file a table; a table without rows gets no file.

    Equal rows give equal bytes, so a repeated or concurrent attempt does no harm.
    """
    parts = []
    for name, tables in rows.items():
        table = pa.concat_tables([TABLES[name].empty_table(), *tables]).combine_chunks()
        if not table.num_rows:
            continue
        data = _parquet(table)
        path = part_name(name, shard)
        storage.write_bytes(storage.join(dataset_uri, path), data)
        parts.append(Part(name, path, hashlib.sha256(data).hexdigest(), table.num_rows))
    return parts


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
