import numpy as np
import pyarrow as pa
import pytest
from datasets import placed_piece, small_piece

from musicgen.analysis.tally import INPUTS, tally
from musicgen.music.grid import GRID_NOTE, GridScore
from musicgen.music.score import Metre
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.encoding import encode_piece
from musicgen.preprocess.schema import TABLES


@pytest.fixture(scope="module")
def rows():
    """The tally of a tune over a held C: C4 held for 4 steps, E4 for 2, then G4 for 1."""
    notes = np.array([(0, 4, 48, 0), (0, 1, 60, 0), (1, 2, 64, 0), (3, 1, 67, 0)], GRID_NOTE)
    metres = (Metre(0.0, 3, 4), Metre(0.5, 6, 8), Metre(0.75, 3, 4))
    placed = placed_piece(small_piece(0), "valid", GridScore(notes, 4, metres=metres))
    tables = encode_piece(placed, PreprocessConfig())
    rejected = [
        {"piece_id": "a", "source": "a.mid", "reason": "not_midi", "detail": "text"},
        {"piece_id": "b", "source": "b.mid", "reason": "duplicate_score", "detail": "as piece p-0"},
    ]
    tables["rejected"] = pa.Table.from_pylist(rejected, TABLES["rejected"])
    return tally(*(tables[name] for name in INPUTS)).to_pylist()


def counts(rows, table, unit):
    return {row["key"]: row[unit] for row in rows if row["table"] == table}


def test_what_is_counted_of_a_piece(rows):
    assert counts(rows, "composers", "notes") == {"Bach": 4}
    assert counts(rows, "ensembles", "pieces") == {"Solo Piano": 1}
    assert counts(rows, "splits", "frames") == {"valid": 4}
    assert counts(rows, "instruments", "notes") == {"0": 4}
    assert counts(rows, "tempi", "seconds") == {"120": 0.5}
    assert counts(rows, "works", "pieces") == {"work-000": 1}


def test_what_is_counted_of_its_notes(rows):
    assert counts(rows, "pitches", "notes") == {"48": 1, "60": 1, "64": 1, "67": 1}
    assert counts(rows, "durations", "notes") == {"1": 2, "2": 1, "4": 1}
    assert counts(rows, "intervals", "notes") == {"4": 1, "3": 1}  # the top voice's
    assert counts(rows, "polyphony", "frames") == {"2": 4}
    assert counts(rows, "keys", "pieces") == {"C major": 1}


def test_a_metre_counts_once_however_often_it_comes_back(rows):
    assert counts(rows, "metres", "pieces") == {"3/4": 1, "6/8": 1}


def test_what_was_left_out(rows):
    assert counts(rows, "rejected", "pieces") == {"not_midi": 1, "duplicate_score": 1}
    assert counts(rows, "duplicates", "pieces") == {"p-0": 1}


def test_nothing_gives_nothing():
    assert tally(*(TABLES[name].empty_table() for name in INPUTS)).num_rows == 0
