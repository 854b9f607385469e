"""Faults to put into a sound dataset, one for each expectation, each into a piece of its own."""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import placed_piece, placed_pieces, small_piece, small_score, write_dataset

from musicgen import manifest, storage
from musicgen.music.grid import GRID_NOTE, GridScore, bar_starts
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.dataset import Dataset
from musicgen.preprocess.encoding import encode_piece
from musicgen.preprocess.fingerprint import fingerprint
from musicgen.preprocess.schema import TABLES

BARS = 4
Tables = dict[str, list[dict]]
"""Rows of all tables by name."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with one piece.

    Attributes:
        change: does the damage, given all tables and the id of the piece.
        broken: the expectations that fail, as ``table: description``; one where possible.
        piece: the piece that they name; None for the one that the fault was put into.
    """

    change: Callable[[Tables, str], None]
    broken: tuple[str, ...]
    piece: str | None = None


def faulty_dataset(tmp_path, faults: list[Fault]) -> str:
    """Write a dataset whose training piece number n has fault number n; returns its URI."""
    dataset = Dataset.open(write_dataset(tmp_path, placed_pieces(len(faults) + 8, BARS)))
    tables = {name: dataset.table(name).to_pylist() for name in TABLES}
    for number, fault in enumerate(faults):
        fault.change(tables, piece_id(number))
    return recommit(dataset, tables)


def recommit(dataset: Dataset, tables: Tables) -> str:
    """Write all rows again, one file a table, with a manifest that names them."""
    files = {}
    for name, rows in tables.items():
        buffer, path = io.BytesIO(), f"{name}/part-00000.parquet"
        pq.write_table(pa.Table.from_pylist(rows, TABLES[name]), buffer)
        storage.write_bytes(storage.join(dataset.uri, path), buffer.getvalue())
        files[path] = storage.sha256(storage.join(dataset.uri, path))
    counts = {name: len(rows) for name, rows in tables.items()}
    manifest.commit(dataset.uri, **dataset.document | {"files": files, "counts": counts})
    return dataset.uri


def piece_id(number: int) -> str:
    return f"piece-{number:03d}"


def rows_of(tables: Tables, name: str, piece: str) -> list[dict]:
    return [row for row in tables[name] if row["piece_id"] == piece]


def setting(name: str, **values) -> Callable[[Tables, str], None]:
    """A change that sets columns of the piece's first row of a table."""

    def change(tables: Tables, piece: str) -> None:
        rows_of(tables, name, piece)[0].update(values)

    return change


def everywhere(**values) -> Callable[[Tables, str], None]:
    """A change that sets columns of all rows of the piece, in whatever table has them."""

    def change(tables: Tables, piece: str) -> None:
        for name in tables:
            for row in rows_of(tables, name, piece):
                row.update({key: value for key, value in values.items() if key in row})

    return change


def editing(name: str, column: str, edit: Callable[[list], list]) -> Callable[[Tables, str], None]:
    """A change that edits a list in the piece's first row of a table."""

    def change(tables: Tables, piece: str) -> None:
        row = rows_of(tables, name, piece)[0]
        row[column] = edit(row[column])

    return change


def shifting(steps: int) -> Callable[[Tables, str], None]:
    """A change that moves all notes of the piece, and nothing else."""

    def change(tables: Tables, piece: str) -> None:
        for row in rows_of(tables, "notes", piece):
            row["onset_steps"] += steps

    return change


def rewriting(edit: Callable[[np.ndarray], np.ndarray]) -> Callable[[Tables, str], None]:
    """A change that edits the notes of the piece's score and encodes it anew."""

    def change(tables: Tables, piece: str) -> None:
        score = score_of(piece)
        notes = edit(score.notes.copy())
        end = int((notes["onset_steps"] + notes["duration_steps"]).max())
        bars = bar_starts(score.metres, end, score.steps_per_quarter)
        longer = replace(score, notes=notes, length_steps=end, bar_starts_steps=bars)
        replace_music(tables, piece, longer)

    return change


def copying(other: str) -> Callable[[Tables, str], None]:
    """A change that gives the piece the music of another one."""
    return lambda tables, piece: replace_music(tables, piece, score_of(other))


def renoting(**values: int) -> Callable[[Tables, str], None]:
    """A change of a note that no sequence could hold; the fingerprint follows it."""

    def change(tables: Tables, piece: str) -> None:
        rows = rows_of(tables, "notes", piece)
        rows[0].update(values)
        notes = np.array([tuple(row[name] for name in GRID_NOTE.names) for row in rows], GRID_NOTE)
        rows_of(tables, "pieces", piece)[0]["fingerprint"] = fingerprint(GridScore(notes, 0))

    return change


def dropping(name: str) -> Callable[[Tables, str], None]:
    """A change that removes all rows of the piece from a table."""

    def change(tables: Tables, piece: str) -> None:
        tables[name] = [row for row in tables[name] if row["piece_id"] != piece]

    return change


def adding(name: str, **values) -> Callable[[Tables, str], None]:
    """A change that adds a row: a copy of the piece's first one, or a new one, with values set."""

    def change(tables: Tables, piece: str) -> None:
        first = (rows_of(tables, name, piece) or [{"piece_id": piece}])[0]
        tables[name].append(first | values)

    return change


def score_of(piece: str) -> GridScore:
    number = int(piece.rpartition("-")[2])
    return small_score(number, BARS, family=number % 2)


def replace_music(tables: Tables, piece: str, score: GridScore) -> None:
    """Give a piece another score in all tables, its place in the splits kept."""
    split = rows_of(tables, "pieces", piece)[0]["split"]
    placed = placed_piece(small_piece(int(piece.rpartition("-")[2])), split, score)
    for name, table in encode_piece(placed, PreprocessConfig()).items():
        dropping(name)(tables, piece)
        tables[name] += table.to_pylist()
