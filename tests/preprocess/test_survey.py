from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from preprocess.snapshots import small_pieces, write_snapshot

from musicgen import storage
from musicgen.music.midi import Limits
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.survey import pieces_in_range, survey_piece

PIECES = small_pieces(5, title={1: "Für Elise – «Æolsharfe»", 3: "x" * 400})


@pytest.fixture(scope="module")
def corpus_uri(tmp_path_factory):
    return write_snapshot(tmp_path_factory.mktemp("corpus"), PIECES)


@given(st.lists(st.integers(1, 2200), max_size=6))
def test_byte_ranges_give_every_piece_once(corpus_uri, cuts):
    size = len(storage.read_bytes(storage.join(corpus_uri, "pieces.jsonl")))
    edges = sorted({0, size, *(cut for cut in cuts if cut < size)})
    found = [
        piece for start, end in pairwise(edges) for piece in pieces_in_range(corpus_uri, start, end)
    ]
    assert found == PIECES


def test_a_piece_that_can_be_read(corpus_uri):
    row = survey_piece(corpus_uri, PIECES[0], PreprocessConfig())
    assert row["frames"] == 128
    assert row["notes"] > 50
    assert "reason" not in row


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (PreprocessConfig(limits=Limits(notes=3)), "too_many_notes"),
        (PreprocessConfig(max_tokens=500), "too_many_tokens"),
        (PreprocessConfig(view="labels"), "no_labels"),
    ],
)
def test_a_piece_that_is_rejected(corpus_uri, config, reason):
    row = survey_piece(corpus_uri, PIECES[0], config)
    assert row["reason"] == reason
    assert row["detail"]
    assert "fingerprint" not in row


def test_damage_that_no_reader_foresaw_rejects_the_piece(corpus_uri, monkeypatch):
    def stumble(*_):
        raise IndexError("index 7 is out of bounds")

    monkeypatch.setattr("musicgen.preprocess.reading.read_piece", stumble)
    row = survey_piece(corpus_uri, PIECES[0], PreprocessConfig())
    assert (row["reason"], row["detail"]) == (
        "parser_failed",
        "IndexError: index 7 is out of bounds",
    )


def test_failing_storage_is_no_fault_of_the_piece(corpus_uri, monkeypatch):
    def fail(*_):
        raise ConnectionError("reset by peer")

    monkeypatch.setattr("musicgen.preprocess.reading.read_piece", fail)
    with pytest.raises(ConnectionError):
        survey_piece(corpus_uri, PIECES[0], PreprocessConfig())
