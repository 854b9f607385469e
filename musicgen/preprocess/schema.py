"""The tables of a dataset: names, columns, types, units.

A step is one frame of the grid: a sixteenth at four steps a quarter.
"""

import pyarrow as pa

SCHEMA_VERSION = 3
"""Part of the dataset's id: raise it whenever the same input would give other bytes."""

SPLITS = ("train", "valid", "test")
MAX_POSITION = 63
"""Positions in the bar are clipped to this: a bar of more than 64 steps is hardly ever meant."""


def _schema(**types: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in types.items()])


_INTEGERS = pa.list_(pa.field("element", pa.int32(), nullable=False))

TABLES: dict[str, pa.Schema] = {
    # A piece that was taken; ``notes`` and ``frames`` count, ``fingerprint`` names the score.
    "pieces": _schema(
        piece_id=pa.string(),
        composer=pa.string(),
        ensemble=pa.string(),
        work=pa.string(),
        title=pa.string(),
        split=pa.string(),
        official_test=pa.bool_(),
        fingerprint=pa.string(),
        notes=pa.int32(),
        frames=pa.int32(),
        tempo_qpm=pa.float64(),
        duration_seconds=pa.float64(),
        source=pa.string(),
    ),
    # What one instrument plays in a piece, as it was read; see ``musicgen.music.instrument``.
    "instruments": _schema(
        piece_id=pa.string(),
        split=pa.string(),
        program=pa.int32(),
        notes=pa.int32(),
        lowest_pitch=pa.int32(),
        highest_pitch=pa.int32(),
        notes_out_of_range=pa.int32(),
    ),
    # A time signature that was written; a piece without any counts in 4/4.
    "metres": _schema(
        piece_id=pa.string(),
        split=pa.string(),
        onset_steps=pa.int32(),
        numerator=pa.int32(),
        denominator=pa.int32(),
    ),
    # A note of the quantized score; ``family`` is a ``musicgen.music.family.Family``.
    "notes": _schema(
        piece_id=pa.string(),
        split=pa.string(),
        onset_steps=pa.int32(),
        duration_steps=pa.int32(),
        pitch=pa.int32(),
        family=pa.int32(),
    ),
    # A whole piece; ``positions[i]`` is the step in the bar of the frame of ``tokens[i]``, 0–63.
    "sequences": _schema(
        piece_id=pa.string(),
        split=pa.string(),
        composer=pa.string(),
        ensemble=pa.string(),
        tokens=_INTEGERS,
        positions=_INTEGERS,
        frames=pa.int32(),
        tempo_qpm=pa.float64(),
    ),
    # Four bars; ``cells`` are flat indices of ``representation.pianoroll.SHAPE``, ascending.
    "pianorolls": _schema(
        piece_id=pa.string(),
        split=pa.string(),
        composer=pa.string(),
        ensemble=pa.string(),
        excerpt=pa.int32(),
        start_steps=pa.int32(),
        tempo_qpm=pa.float64(),
        cells=_INTEGERS,
    ),
    # A piece that was left out; ``reason`` is a stable key, ``detail`` is for people.
    "rejected": _schema(
        piece_id=pa.string(), source=pa.string(), reason=pa.string(), detail=pa.string()
    ),
}


def part_name(table: str, shard: int) -> str:
    """Return the path of one Parquet file of a table, relative to the dataset."""
    return f"{table}/part-{shard:05d}.parquet"
