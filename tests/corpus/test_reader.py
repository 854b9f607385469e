import pytest
from corpus import fake_musicnet

from musicgen import storage
from musicgen.corpus.ingest import ingest
from musicgen.corpus.reader import read_piece, read_pieces
from musicgen.errors import BadInput, UnreadableMusic
from musicgen.music.midi import Limits


@pytest.fixture
def corpus_uri(tmp_path):
    source = fake_musicnet.write(tmp_path / "musicnet")
    return ingest("musicnet", str(source), (tmp_path / "bucket").as_uri()).corpus_uri


@pytest.fixture
def pieces(corpus_uri):
    return {piece.piece_id: piece for piece in read_pieces(corpus_uri)}


def test_auto_takes_midi_and_else_labels(corpus_uri, pieces):
    assert len(read_piece(corpus_uri, pieces["1759"]).notes) == 4  # its MIDI has four notes
    assert len(read_piece(corpus_uri, pieces["2195"]).notes) == 3  # its labels have three


def test_a_view_may_be_chosen(corpus_uri, pieces):
    assert len(read_piece(corpus_uri, pieces["1759"], "labels").notes) == 3
    assert len(read_piece(corpus_uri, pieces["1759"], "midi").notes) == 4
    with pytest.raises(UnreadableMusic, match="no_labels"):
        read_piece(corpus_uri, pieces["1760"], "labels")
    with pytest.raises(UnreadableMusic, match="no_midi"):
        read_piece(corpus_uri, pieces["2195"], "midi")
    with pytest.raises(BadInput, match="sound"):
        read_piece(corpus_uri, pieces["1759"], "sound")


def test_labels_step_in_for_damaged_midi(corpus_uri, pieces):
    piece = pieces["1759"]
    storage.write_bytes(storage.join(corpus_uri, piece.midi_path), b"MThd but nothing more")
    assert len(read_piece(corpus_uri, piece).notes) == 3
    with pytest.raises(UnreadableMusic):
        read_piece(corpus_uri, piece, "midi")


def test_when_both_are_damaged_the_midi_is_blamed(corpus_uri, pieces):
    piece = pieces["1759"]
    storage.write_bytes(storage.join(corpus_uri, piece.midi_path), b"text")
    storage.write_bytes(storage.join(corpus_uri, piece.labels_path), b"text")
    with pytest.raises(UnreadableMusic, match="not_midi"):
        read_piece(corpus_uri, piece)


def test_a_missing_file_and_a_large_one_are_unreadable(corpus_uri, pieces):
    with pytest.raises(UnreadableMusic, match="too_large"):
        read_piece(corpus_uri, pieces["1760"], limits=Limits(bytes=20))
    storage.remove(storage.join(corpus_uri, pieces["1760"].midi_path))
    with pytest.raises(UnreadableMusic, match="missing_file"):
        read_piece(corpus_uri, pieces["1760"])
