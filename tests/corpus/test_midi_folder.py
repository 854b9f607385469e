import os

import pytest
from corpus.fake_musicnet import midi

from musicgen import storage
from musicgen.corpus.ingest import ingest
from musicgen.corpus.midi_folder import piece_ids
from musicgen.corpus.reader import read_piece, read_pieces
from musicgen.errors import BadInput, UnreadableMusic
from musicgen.music.midi import Limits


@pytest.fixture
def folder(tmp_path):
    for name in ("Satie/Gymnopédies/1.mid", "Satie/Gnossienne.MIDI", "alone.mid"):
        path = tmp_path / "my music" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(midi())
    (tmp_path / "my music" / "notes.txt").write_text("no music")
    return tmp_path / "my music"


@pytest.fixture
def bucket(tmp_path):
    return (tmp_path / "bucket").as_uri()


def taken(folder, bucket):
    result = ingest("midi", str(folder), bucket)
    return {piece.source: piece for piece in read_pieces(result.corpus_uri)}


def test_folders_tell_composer_and_work(folder, bucket):
    pieces = taken(folder, bucket)
    assert sorted(pieces) == ["Satie/Gnossienne.MIDI", "Satie/Gymnopédies/1.mid", "alone.mid"]
    movement = pieces["Satie/Gymnopédies/1.mid"]
    assert (movement.composer, movement.work) == ("Satie", "Satie Gymnopédies")
    assert movement.piece_id == "Satie-Gymnop-dies-1"
    assert pieces["Satie/Gnossienne.MIDI"].work == "Satie Gnossienne"
    alone = pieces["alone.mid"]
    assert (alone.composer, alone.ensemble, alone.title) == ("unknown", "unknown", "alone")


def test_a_table_knows_better(folder, bucket):
    (folder / "metadata.csv").write_text(
        "Path, Composer,work,title,ensemble,split\n"
        "./alone.mid,Erik Satie,Vexations,Vexations 1,Solo Piano,test\n"
        "Satie/Gnossienne.MIDI,,,,Solo Piano,\n"
        ",,,,,\n"
    )
    pieces = taken(folder, bucket)
    alone = pieces["alone.mid"]
    assert (alone.composer, alone.work, alone.title) == (
        "Erik Satie",
        "Erik Satie Vexations",
        "Vexations 1",
    )
    assert (alone.ensemble, alone.official_split) == ("Solo Piano", "test")
    assert pieces["Satie/Gnossienne.MIDI"].composer == "Satie"
    assert pieces["Satie/Gnossienne.MIDI"].ensemble == "Solo Piano"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("file,composer\nalone.mid,x\n", "lacks the column path"),
        ("path\nabsent.mid\n", "names 'absent.mid', which is no MIDI file"),
        ("path\nalone.mid\n./alone.mid\n", "names './alone.mid' twice"),
        ("path,composer\n,Satie\n", "names '', which is no MIDI file"),
        ("path,split\nalone.mid,half\n", "has the split 'half'"),
        ("path\n\x00", "which is no MIDI file|is no CSV table"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(folder, bucket, table, message):
    (folder / "metadata.csv").write_text(table)
    with pytest.raises(BadInput, match=message):
        ingest("midi", str(folder), bucket)
    assert storage.names(bucket) == []


def test_a_link_that_leads_nowhere_is_left_out_and_told(folder, bucket, caplog):
    (folder / "lost.mid").symlink_to(folder / "absent.mid")
    assert "lost.mid" not in taken(folder, bucket)
    assert "lost.mid in file://" in caplog.text


def test_a_folder_in_place_of_the_table_is_refused(folder, bucket):
    (folder / "metadata.csv").mkdir()
    with pytest.raises(BadInput, match="is a folder: a table has to be a file"):
        ingest("midi", str(folder), bucket)


def test_a_folder_without_music_is_refused(tmp_path, bucket):
    with pytest.raises(BadInput, match="needs a folder"):
        ingest("midi", None, bucket)
    with pytest.raises(BadInput, match="is not there"):
        ingest("midi", str(tmp_path / "absent"), bucket)
    (tmp_path / "one.mid").write_bytes(b"MThd")
    with pytest.raises(BadInput, match=r"one\.mid is a file: name the folder"):
        ingest("midi", str(tmp_path / "one.mid"), bucket)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(BadInput, match=r"holds no \.mid"):
        ingest("midi", str(empty), bucket)
    (empty / "a.mid").write_text("Dear diary")
    with pytest.raises(BadInput, match=r"a\.mid does not begin with MThd"):
        ingest("midi", str(empty), bucket)
    assert storage.names(bucket) == []


def test_one_file_of_text_among_music_is_kept_for_the_rejects(folder, bucket):
    (folder / "diary.mid").write_text("Dear diary")
    result = ingest("midi", str(folder), bucket)
    diary = next(p for p in read_pieces(result.corpus_uri) if p.source == "diary.mid")
    with pytest.raises(UnreadableMusic, match="not_midi"):
        read_piece(result.corpus_uri, diary)


def test_a_huge_file_is_kept_so_far_that_it_is_refused_as_such(folder, bucket):
    (folder / "huge.mid").write_bytes(b"MThd" + bytes(Limits().bytes + 100))
    result = ingest("midi", str(folder), bucket)
    huge = next(p for p in read_pieces(result.corpus_uri) if p.source == "huge.mid")
    with pytest.raises(UnreadableMusic, match="too_large"):
        read_piece(result.corpus_uri, huge)


def test_names_of_old_archives_that_are_no_utf8_are_read_as_well_as_may_be(folder, bucket):
    path = os.fsencode(folder) + b"/Saint-Sa\xebns/Le cygne.mid"
    os.mkdir(os.path.dirname(path))
    with open(path, "wb") as file:
        file.write(midi())
    swan = taken(folder, bucket)["Saint-Saëns/Le cygne.mid"]
    assert (swan.composer, swan.title) == ("Saint-Saëns", "Le cygne")


def test_ids_are_legible_and_unique():
    names = ["a/b.mid", "a-b.mid", "a.mid", "a.MIDI", "ü.mid", "?.mid", "x" * 300 + ".mid", "A.mid"]
    ids = piece_ids([*names, "plain.mid"])
    assert ids["plain.mid"] == "plain"
    assert len({piece_id.lower() for piece_id in ids.values()}) == len(ids)
    assert max(map(len, ids.values())) < 100
    assert piece_ids(["a/b.mid"]) == {"a/b.mid": "a-b"}
