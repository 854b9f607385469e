import pytest

from musicgen.corpus.piece import Piece
from musicgen.corpus.protocol import delivery
from musicgen.errors import BadInput

FACTS = {
    "composer": "Fauré",
    "ensemble": "Solo Piano",
    "work": "Fauré OP45",
    "title": "1. Allegro",
    "official_split": None,
    "source": "a.mid",
}


def test_a_piece_comes_back_from_its_line():
    piece = delivery("x-1", midi=b"m", labels=b"l", **FACTS).piece
    line = piece.to_json()
    assert "\n" not in line
    assert "Fauré" in line
    assert Piece.from_json(line) == piece
    assert (piece.midi_path, piece.labels_path) == ("music/x-1.mid", "labels/x-1.csv")


@pytest.mark.parametrize("piece_id", ["", "a/b", "..", ".hidden", "a b", "ü"])
def test_ids_that_cannot_be_file_names_are_refused(piece_id):
    with pytest.raises(BadInput, match="no piece id"):
        delivery(piece_id, midi=b"m", **FACTS)


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret.mid", "music/../../x.mid"])
def test_a_piece_cannot_lead_out_of_its_snapshot(path):
    with pytest.raises(BadInput, match="outside"):
        Piece(piece_id="x", midi_path=path, labels_path=None, **FACTS)


def test_a_piece_has_music():
    with pytest.raises(BadInput, match="neither MIDI nor labels"):
        delivery("x", **FACTS)


@pytest.mark.parametrize("line", ["", "{}", "[]", "{", '{"piece_id": 1}'])
def test_lines_that_are_no_pieces_are_refused(line):
    with pytest.raises(BadInput, match=r"pieces\.jsonl"):
        Piece.from_json(line)
