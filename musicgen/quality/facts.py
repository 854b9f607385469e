"""What a sequence or a piano roll says of itself, as columns to hold expectations against.

Each function takes rows of a table of the dataset and returns one row of facts for each of them.
A fact that makes no sense because another one is wrong already is
null, so that one fault fails one expectation.
"""

from typing import Any

import numpy as np
import pyarrow as pa

from musicgen.music.family import Family
from musicgen.music.grid import GRID_NOTE, GridScore, bar_starts
from musicgen.music.score import Metre
from musicgen.preprocess.fingerprint import fingerprint
from musicgen.preprocess.schema import MAX_POSITION, TABLES
from musicgen.quality.note_facts import by_piece, note_array
from musicgen.representation.pianoroll import SHAPE, STEPS, active_cells, to_roll
from musicgen.representation.sequence import decode, encode, frame_indices
from musicgen.representation.vocabulary import END_OF_FRAME, Vocabulary

_CELLS = int(np.prod(SHAPE))
_NO_NOTES = np.zeros(0, GRID_NOTE)


def _schema(table: str, *columns: str, **facts: pa.DataType) -> pa.Schema:
    kept = [pa.field(name, TABLES[table].field(name).type) for name in columns]
    return pa.schema(kept + [pa.field(name, kind) for name, kind in facts.items()])


SEQUENCE_FACTS = _schema(
    "sequences",
    *("piece_id", "split", "composer", "ensemble", "frames", "tempo_qpm"),
    token_count=pa.int32(),
    position_count=pa.int32(),
    lowest_token=pa.int32(),
    highest_token=pa.int32(),
    last_token=pa.int32(),
    ends_of_frames=pa.int32(),
    decoded_fingerprint=pa.string(),
    is_canonical=pa.bool_(),
    highest_position=pa.int32(),
    uncounted_frames=pa.int32(),
    frames_off_metre=pa.int32(),
)
PIANOROLL_FACTS = _schema(
    "pianorolls",
    *("piece_id", "split", "composer", "ensemble", "excerpt", "start_steps"),
    lowest_cell=pa.int32(),
    highest_cell=pa.int32(),
    cells_out_of_order=pa.int32(),
    struck_notes=pa.int32(),
    holds_without_note=pa.int32(),
    plays_notes=pa.bool_(),
)


def sequence_facts(
    sequences: pa.Table, metres: pa.Table, vocabulary: Vocabulary, steps_per_quarter: int
) -> pa.Table:
    """Decode and measure each sequence, with the metres of the same pieces at hand."""
    rows = _kept(sequences, SEQUENCE_FACTS)
    written = _metres_by_piece(metres, steps_per_quarter)
    for row, tokens, positions in zip(
        rows, _arrays(sequences["tokens"]), _arrays(sequences["positions"]), strict=True
    ):
        row |= _token_facts(tokens, vocabulary) | _position_facts(tokens, positions)
        if row.get("uncounted_frames") == 0:
            by_frame = positions[_frame_starts(tokens)]
            metric = _positions(written.get(row["piece_id"], ()), len(by_frame), steps_per_quarter)
            row["frames_off_metre"] = int((by_frame != metric).sum())
    return pa.Table.from_pylist(rows, SEQUENCE_FACTS)


def _metres_by_piece(metres: pa.Table, steps_per_quarter: int) -> dict[str, tuple[Metre, ...]]:
    found: dict[str, tuple[Metre, ...]] = {}
    for row in metres.sort_by(
        [("piece_id", "ascending"), ("onset_steps", "ascending")]
    ).to_pylist():
        metre = Metre(row["onset_steps"] / steps_per_quarter, row["numerator"], row["denominator"])
        found[row["piece_id"]] = (*found.get(row["piece_id"], ()), metre)
    return found


def _positions(metres: tuple[Metre, ...], frames: int, steps_per_quarter: int) -> np.ndarray:
    """Return the position in the bar that each frame has by the metres."""
    score = GridScore(_NO_NOTES, frames, bar_starts(metres, frames, steps_per_quarter))
    return np.minimum(score.positions(), MAX_POSITION)


def pianoroll_facts(pianorolls: pa.Table, notes: pa.Table) -> pa.Table:
    """Measure each piano roll, with the notes of the same pieces at hand."""
    rows = _kept(pianorolls, PIANOROLL_FACTS)
    written = {piece: _score(note_array(of_piece)) for piece, of_piece in by_piece(notes)}
    for row, cells in zip(rows, _arrays(pianorolls["cells"]), strict=True):
        row |= _cell_facts(cells)
        score = written.get(row["piece_id"])
        sound = (row.get("cells_out_of_order"), row.get("holds_without_note")) == (0, 0)
        if score and sound and row["start_steps"] < score.length_steps:
            roll = to_roll(score.window(row["start_steps"], STEPS))
            row["plays_notes"] = bool(np.array_equal(cells, active_cells(roll)))
    return pa.Table.from_pylist(rows, PIANOROLL_FACTS)


def _score(notes: np.ndarray) -> GridScore | None:
    onset, steps, family = (notes[name] for name in ("onset_steps", "duration_steps", "family"))
    if onset.min() < 0 or steps.min() < 1 or not np.isin(family, list(Family)).all():
        return None
    return GridScore(notes, int((onset + steps).max()))


def _kept(table: pa.Table, schema: pa.Schema) -> list[dict[str, Any]]:
    return table.select([name for name in schema.names if name in table.schema.names]).to_pylist()


def _arrays(column: pa.ChunkedArray) -> list[np.ndarray]:
    """Give each row's list as an array, without copying."""
    return [row.values.to_numpy() for chunk in column.chunks for row in chunk]


def _token_facts(tokens: np.ndarray, vocabulary: Vocabulary) -> dict[str, Any]:
    if not len(tokens):
        return {"token_count": 0, "ends_of_frames": 0}
    facts = {
        "token_count": len(tokens),
        "lowest_token": int(tokens.min()),
        "highest_token": int(tokens.max()),
        "last_token": int(tokens[-1]),
        "ends_of_frames": int((tokens == END_OF_FRAME).sum()),
    }
    known = facts["lowest_token"] >= END_OF_FRAME and facts["highest_token"] < vocabulary.size
    if known and facts["last_token"] == END_OF_FRAME:
        score = decode(tokens, vocabulary)
        facts["decoded_fingerprint"] = fingerprint(score)
        facts["is_canonical"] = bool(np.array_equal(encode(score, vocabulary), tokens))
    return facts


def _position_facts(tokens: np.ndarray, positions: np.ndarray) -> dict[str, Any]:
    facts: dict[str, Any] = {"position_count": len(positions)}
    if len(positions) != len(tokens) or not len(positions):
        return facts
    facts["highest_position"] = int(positions.max())
    starts = _frame_starts(tokens)
    by_frame = positions[starts]
    changed_inside = positions != np.repeat(by_frame, np.diff(np.append(starts, len(tokens))))
    counts_on = by_frame[1:] == np.minimum(by_frame[:-1] + 1, MAX_POSITION)
    jumps = (~counts_on & (by_frame[1:] != 0)).sum() + (by_frame[0] != 0)
    return facts | {"uncounted_frames": int(changed_inside.sum() + jumps)}


def _frame_starts(tokens: np.ndarray) -> np.ndarray:
    """Return the index of the first token of each frame."""
    return np.flatnonzero(np.diff(frame_indices(tokens), prepend=-1))


def _cell_facts(cells: np.ndarray) -> dict[str, Any]:
    if not len(cells):
        return {"struck_notes": 0}
    facts = {"lowest_cell": int(cells.min()), "highest_cell": int(cells.max())}
    if facts["lowest_cell"] < 0 or facts["highest_cell"] >= _CELLS:
        return facts
    # A cell is a step, a line (pitch and family) and a layer: 0 is struck, 1 is held.
    moments, layers = np.divmod(cells, SHAPE[3])
    before = moments[layers == 1] - SHAPE[1] * SHAPE[2]
    return facts | {
        "cells_out_of_order": int((np.diff(cells) <= 0).sum()),
        "struck_notes": int((layers == 0).sum()),
        "holds_without_note": int((~np.isin(before, moments)).sum()),
    }
