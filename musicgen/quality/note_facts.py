"""What the notes of each piece say, as columns to hold expectations against.

A row for each piece, not for each note: a corpus holds a hundred million notes, and what is wrong
with any of them shows in a count.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from musicgen.music.family import Family
from musicgen.music.grid import GRID_NOTE, GridScore
from musicgen.preprocess.fingerprint import fingerprint
from musicgen.representation.vocabulary import Vocabulary

LONGEST_QUARTERS = 128
"""Thirty-two bars of 4/4: longer than any organ point, shorter than a note that never ended."""

DURATION_EDGES_QUARTERS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Notes are sorted into those up to each of these lengths, and those that are longer."""

NOTE_FACTS = pa.schema(
    {
        "piece_id": pa.string(),
        "split": pa.string(),
        "notes_found": pa.int32(),
        "notes_fingerprint": pa.string(),
        "lowest_pitch": pa.int32(),
        "highest_pitch": pa.int32(),
        "pitches_without_token": pa.int32(),
        "notes_of_no_family": pa.int32(),
        "first_onset": pa.int32(),
        "shortest_steps": pa.int32(),
        "last_end": pa.int32(),
        "endless_notes": pa.int32(),
        "pitch_classes": pa.list_(pa.int64()),
        "durations": pa.list_(pa.int64()),
    }
)
MIXED = "several"
"""The split of a piece whose notes are in more than one."""


def note_facts(notes: pa.Table, vocabulary: Vocabulary, steps_per_quarter: int) -> pa.Table:
    """Measure the notes of each piece; the rows of a piece lie together."""
    rows = [
        {"piece_id": piece, "split": _split(of_piece["split"])}
        | _facts(note_array(of_piece), vocabulary, steps_per_quarter)
        for piece, of_piece in by_piece(notes)
    ]
    return pa.Table.from_pylist(rows, NOTE_FACTS)


def by_piece(notes: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Give each piece with its rows."""
    for piece, begin, end in _runs(notes["piece_id"].to_numpy(zero_copy_only=False)):
        yield piece, notes[begin:end]


def note_array(notes: pa.Table) -> np.ndarray:
    """Return rows as an array with the fields of ``GRID_NOTE``, wide enough for faulty values."""
    array = np.empty(notes.num_rows, [(name, "i4") for name in GRID_NOTE.names])
    for name in GRID_NOTE.names:
        array[name] = notes[name].to_numpy()
    return array


def _runs(pieces: np.ndarray) -> Iterator[tuple[str, int, int]]:
    """Give each piece with the first and the last row that it has, the latter excluded."""
    edges = [0, *(np.flatnonzero(pieces[1:] != pieces[:-1]) + 1).tolist(), len(pieces)]
    for begin, end in pairwise(edges):
        if end > begin:
            yield pieces[begin], begin, end


def _split(splits: pa.ChunkedArray) -> str:
    found = splits.unique().to_pylist()
    return found[0] if len(found) == 1 else MIXED


def _facts(notes: np.ndarray, vocabulary: Vocabulary, steps_per_quarter: int) -> dict[str, Any]:
    pitch, steps = notes["pitch"], notes["duration_steps"]
    has_token = (pitch >= vocabulary.low_pitch) & (pitch <= vocabulary.high_pitch)
    bins = np.searchsorted(np.array(DURATION_EDGES_QUARTERS) * steps_per_quarter, steps)
    return {
        "notes_found": len(notes),
        "notes_fingerprint": fingerprint(GridScore(notes, 0)),
        "lowest_pitch": int(pitch.min()),
        "highest_pitch": int(pitch.max()),
        "pitches_without_token": int((~has_token).sum()),
        "notes_of_no_family": int((~np.isin(notes["family"], list(Family))).sum()),
        "first_onset": int(notes["onset_steps"].min()),
        "shortest_steps": int(steps.min()),
        "last_end": int((notes["onset_steps"] + steps).max()),
        "endless_notes": int((steps > LONGEST_QUARTERS * steps_per_quarter).sum()),
        "pitch_classes": np.bincount(pitch % 12, minlength=12).tolist(),
        "durations": np.bincount(bins, minlength=len(DURATION_EDGES_QUARTERS) + 1).tolist(),
    }
