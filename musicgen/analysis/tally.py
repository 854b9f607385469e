"""Counting what the pieces of one shard hold. Pure: tables in, rows of counts out."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from musicgen.analysis.keys import key_of
from musicgen.preprocess.plan import DUPLICATE

INPUTS = ("pieces", "instruments", "metres", "notes", "rejected")
TALLY = pa.schema(
    {
        "table": pa.string(),
        "split": pa.string(),
        "key": pa.string(),
        "other": pa.string(),
        "pieces": pa.int64(),
        "notes": pa.int64(),
        "frames": pa.int64(),
        "seconds": pa.float64(),
    }
)
"""Counts of what falls under ``key`` (and ``other``) of a table of the report."""

TEMPO_STEP_QPM = 10
WIDEST_INTERVAL = 24
NO_METRE = "none written"
NOT_IN_A_SPLIT = "none"

Row = dict[str, Any]


def tally(
    pieces: pa.Table, instruments: pa.Table, metres: pa.Table, notes: pa.Table, rejected: pa.Table
) -> pa.Table:
    """Return rows of ``TALLY``; rows of the same table, split and keys are to be added up."""
    known = {row["piece_id"]: row for row in pieces.to_pylist()}
    rows = [row for piece in known.values() for row in _piece(piece)]
    rows += _instruments(instruments)
    rows += _metres(metres, known)
    rows += [row for split, part in _by_piece(notes) for row in _notes(split, part)]
    rows += _left_out(rejected)
    return pa.Table.from_pylist(rows, TALLY)


def _row(table: str, split: str, key: Any, other: str = "", **counts: float) -> Row:
    empty = {"pieces": 0, "notes": 0, "frames": 0, "seconds": 0.0}
    return {"table": table, "split": split, "key": str(key), "other": other} | empty | counts


def _piece(piece: Row) -> Iterator[Row]:
    counts = {
        "pieces": 1,
        "notes": piece["notes"],
        "frames": piece["frames"],
        "seconds": piece["duration_seconds"],
    }
    composer, ensemble, split = piece["composer"], piece["ensemble"], piece["split"]
    tempo = int(piece["tempo_qpm"] // TEMPO_STEP_QPM) * TEMPO_STEP_QPM
    yield _row("splits", split, split, **counts)
    yield _row("works", split, piece["work"], pieces=1)
    yield _row("composers", split, composer, **counts)
    yield _row("ensembles", split, ensemble, **counts)
    yield _row("composers_ensembles", split, composer, ensemble, **counts)
    yield _row("tempi", split, tempo, **counts)


def _instruments(instruments: pa.Table) -> Iterator[Row]:
    for row in instruments.to_pylist():
        yield _row("instruments", row["split"], row["program"], pieces=1, notes=row["notes"])


def _metres(metres: pa.Table, known: dict[str, Row]) -> Iterator[Row]:
    """Count each metre once in a piece, however often it comes back."""
    found = {
        (row["piece_id"], row["split"], f"{row['numerator']}/{row['denominator']}")
        for row in metres.to_pylist()
    }
    without = known.keys() - {piece for piece, *_ in found}
    found |= {(piece, known[piece]["split"], NO_METRE) for piece in without}
    for _, split, metre in sorted(found):
        yield _row("metres", split, metre, pieces=1)


def _by_piece(notes: pa.Table) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """Give the split and the notes of each piece; the rows of a piece lie together."""
    names = notes["piece_id"].to_numpy(zero_copy_only=False)
    columns = {name: notes[name].to_numpy() for name in ("onset_steps", "duration_steps", "pitch")}
    edges = np.flatnonzero(np.r_[True, names[1:] != names[:-1], True]) if len(names) else [0]
    for begin, end in pairwise(edges):
        part = {name: values[begin:end] for name, values in columns.items()}
        yield notes["split"][int(begin)].as_py(), part


def _notes(split: str, notes: dict[str, np.ndarray]) -> Iterator[Row]:
    onsets, durations, pitches = notes["onset_steps"], notes["duration_steps"], notes["pitch"]
    yield _row("keys", split, key_of(pitches, durations), pieces=1)
    yield from _counted("pitches", split, pitches, "notes")
    yield from _counted("durations", split, durations, "notes")
    yield from _counted("intervals", split, _intervals(onsets, pitches), "notes")
    yield from _counted("polyphony", split, _sounding(onsets, durations), "frames")


def _counted(table: str, split: str, values: np.ndarray, unit: str) -> Iterator[Row]:
    for value, count in zip(*np.unique(values, return_counts=True), strict=True):
        yield _row(table, split, int(value), **{unit: int(count)})


def _intervals(onsets: np.ndarray, pitches: np.ndarray) -> np.ndarray:
    """Return the moves of the top voice, from each onset to the next, in semitones."""
    order = np.lexsort((pitches, onsets))
    is_top = np.r_[onsets[order][1:] != onsets[order][:-1], True]
    return np.clip(np.diff(pitches[order][is_top]), -WIDEST_INTERVAL, WIDEST_INTERVAL)


def _sounding(onsets: np.ndarray, durations: np.ndarray) -> np.ndarray:
    """Return the number of notes that sound in each frame up to the last one's end."""
    ends = onsets + durations
    length = int(ends.max())
    changes = np.bincount(onsets, minlength=length + 1) - np.bincount(ends, minlength=length + 1)
    return np.cumsum(changes)[:length]


def _left_out(rejected: pa.Table) -> Iterator[Row]:
    for row in rejected.to_pylist():
        yield _row("rejected", NOT_IN_A_SPLIT, row["reason"], pieces=1)
        if row["reason"] == DUPLICATE:
            kept = row["detail"].rpartition(" ")[2]  # "the same notes as piece ID"
            yield _row("duplicates", NOT_IN_A_SPLIT, kept, pieces=1)
