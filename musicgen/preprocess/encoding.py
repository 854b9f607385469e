"""One piece as rows of the dataset's tables. Pure: no files, no Spark."""

from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa

from musicgen.corpus.piece import Piece
from musicgen.music.grid import GridScore
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.excerpts import excerpt_starts
from musicgen.preprocess.fingerprint import fingerprint
from musicgen.preprocess.schema import MAX_POSITION, TABLES
from musicgen.representation.pianoroll import STEPS, active_cells, to_roll
from musicgen.representation.sequence import encode, frame_indices
from musicgen.representation.vocabulary import Vocabulary

VOCABULARY = Vocabulary()
"""The alphabet of all datasets of this schema version: the 88 keys of a piano."""


@dataclass(frozen=True)
class PlacedPiece:
    """A piece that was taken into a split, with its score.

    Attributes:
        piece: what the corpus says of it.
        split: ``train``, ``valid`` or ``test``.
        score: quantized, with all pitches in the vocabulary's range.
        parts: what each instrument plays, rows of ``musicgen.music.instrument.PART``.
    """

    piece: Piece
    split: str
    score: GridScore
    parts: np.ndarray


def encode_piece(placed: PlacedPiece, config: PreprocessConfig) -> dict[str, pa.Table]:
    """Return the piece's rows of all tables but ``rejected``."""
    return {
        "pieces": _piece_row(placed),
        "instruments": _instrument_rows(placed),
        "metres": _metre_rows(placed),
        "notes": _note_rows(placed),
        "sequences": _sequence_row(placed),
        "pianorolls": _pianoroll_rows(placed, config),
    }


def _piece_row(placed: PlacedPiece) -> pa.Table:
    piece, score = placed.piece, placed.score
    row = asdict(piece) | {
        "split": placed.split,
        "official_test": piece.official_split == "test",
        "fingerprint": fingerprint(score),
        "notes": len(score.notes),
        "frames": score.length_steps,
        "tempo_qpm": score.tempo_qpm,
        "duration_seconds": score.duration_seconds,
    }
    schema = TABLES["pieces"]
    return pa.Table.from_pylist([{name: row[name] for name in schema.names}], schema)


def _instrument_rows(placed: PlacedPiece) -> pa.Table:
    return _table("instruments", _columns(placed.parts) | _place(placed), len(placed.parts))


def _metre_rows(placed: PlacedPiece) -> pa.Table:
    metres, steps_per_quarter = placed.score.metres, placed.score.steps_per_quarter
    columns = {
        "onset_steps": [round(metre.onset_beats * steps_per_quarter) for metre in metres],
        "numerator": [metre.numerator for metre in metres],
        "denominator": [metre.denominator for metre in metres],
    }
    return _table("metres", columns | _place(placed), len(metres))


def _note_rows(placed: PlacedPiece) -> pa.Table:
    notes = placed.score.notes
    return _table("notes", _columns(notes) | _place(placed), len(notes))


def _sequence_row(placed: PlacedPiece) -> pa.Table:
    tokens = encode(placed.score, VOCABULARY)
    positions = np.minimum(placed.score.positions(), MAX_POSITION)[frame_indices(tokens)]
    columns = {"tokens": [tokens], "positions": [positions]}
    return _table("sequences", columns | _conditions(placed), 1)


def _pianoroll_rows(placed: PlacedPiece, config: PreprocessConfig) -> pa.Table:
    hop = config.train_hop_bars if placed.split == "train" else config.held_out_hop_bars
    starts = excerpt_starts(placed.score, hop, config.min_excerpt_notes)
    rolls = (to_roll(placed.score.window(start, STEPS)) for start in starts)
    columns = {
        "excerpt": np.arange(len(starts), dtype=np.int32),
        "start_steps": np.array(starts, np.int32),
        "cells": [active_cells(roll) for roll in rolls],
    }
    return _table("pianorolls", columns | _conditions(placed), len(starts))


def _columns(rows: np.ndarray) -> dict[str, np.ndarray]:
    return {name: rows[name].astype(np.int32) for name in rows.dtype.names}


def _place(placed: PlacedPiece) -> dict[str, str]:
    return {"piece_id": placed.piece.piece_id, "split": placed.split}


def _conditions(placed: PlacedPiece) -> dict[str, str | int | float]:
    return _place(placed) | {
        "composer": placed.piece.composer,
        "ensemble": placed.piece.ensemble,
        "frames": placed.score.length_steps,
        "tempo_qpm": placed.score.tempo_qpm,
    }


def _table(name: str, columns: dict, rows: int) -> pa.Table:
    """Build rows of a table; a column given as one value is repeated, others are left as given."""
    schema = TABLES[name]
    arrays = [
        pa.repeat(pa.scalar(columns[field.name], field.type), rows)
        if isinstance(columns[field.name], str | int | float)
        else pa.array(columns[field.name], field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
