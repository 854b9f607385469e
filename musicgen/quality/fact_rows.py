"""Rows of a dataset's table, and of the facts that are found out about each of them.

A fact that makes no sense because another one is wrong already is null, so that one fault fails one
expectation.
"""

from typing import Any

import numpy as np
import pyarrow as pa

from musicgen.preprocess.schema import TABLES


def fact_schema(table: str, *columns: str, **facts: pa.DataType) -> pa.Schema:
    """Return the schema of some columns of a table and the facts beside them."""
    kept = [pa.field(name, TABLES[table].field(name).type) for name in columns]
    return pa.schema(kept + [pa.field(name, kind) for name, kind in facts.items()])


def kept_rows(table: pa.Table, schema: pa.Schema) -> list[dict[str, Any]]:
    """Return the rows of a table as far as the schema names its columns; facts are missing."""
    return table.select([name for name in schema.names if name in table.schema.names]).to_pylist()


def arrays(column: pa.ChunkedArray) -> list[np.ndarray]:
    """Give each row's list as an array, without copying."""
    return [row.values.to_numpy() for chunk in column.chunks for row in chunk]
