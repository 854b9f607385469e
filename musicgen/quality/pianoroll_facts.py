"""What a piano roll says of itself, as columns to hold expectations against."""

from typing import Any

import numpy as np
import pyarrow as pa

from musicgen.music.family import Family
from musicgen.music.grid import GridScore
from musicgen.quality.fact_rows import arrays, fact_schema, kept_rows
from musicgen.quality.note_facts import by_piece, note_array
from musicgen.representation.pianoroll import SHAPE, STEPS, active_cells, to_roll

_CELLS = int(np.prod(SHAPE))

PIANOROLL_FACTS = fact_schema(
    "pianorolls",
    *("piece_id", "split", "composer", "ensemble", "excerpt", "start_steps"),
    lowest_cell=pa.int32(),
    highest_cell=pa.int32(),
    cells_out_of_order=pa.int32(),
    struck_notes=pa.int32(),
    holds_without_note=pa.int32(),
    plays_notes=pa.bool_(),
)


def pianoroll_facts(pianorolls: pa.Table, notes: pa.Table) -> pa.Table:
    """Measure each piano roll, with the notes of the same pieces at hand."""
    rows = kept_rows(pianorolls, PIANOROLL_FACTS)
    written = {piece: _score(note_array(of_piece)) for piece, of_piece in by_piece(notes)}
    for row, cells in zip(rows, arrays(pianorolls["cells"]), strict=True):
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
