import hashlib
from dataclasses import replace

import pytest
from corpus import bad_server as plays
from corpus import fake_musicnet
from corpus.bad_server import bad_server

from musicgen import manifest, storage
from musicgen.corpus.download import Patience, RemoteFile
from musicgen.corpus.ingest import ingest, ingest_corpus
from musicgen.corpus.musicnet import MusicNet
from musicgen.corpus.musicnet_metadata import COLUMNS, read_recordings
from musicgen.corpus.reader import read_pieces
from musicgen.errors import BadInput

HURRY = Patience(attempts=3, first_attempts=2, first_wait_seconds=0.001, timeout_seconds=1.0)


@pytest.fixture
def folder(tmp_path):
    return fake_musicnet.write(tmp_path / "musicnet copy")


@pytest.fixture
def bucket(tmp_path):
    return (tmp_path / "bucket").as_uri()


def corpus_from(server, archives: dict[str, bytes]) -> MusicNet:
    """MusicNet as if the server's files were those that were published."""
    server.files.update(archives)
    files = (
        RemoteFile(name, f"{server.url}/{name}", len(data), hashlib.md5(data).hexdigest())
        for name, data in archives.items()
    )
    return MusicNet(tuple(files), HURRY)


def test_a_folder_in_the_official_layout(folder, bucket):
    result = ingest("musicnet", str(folder), bucket)
    pieces = {piece.piece_id: piece for piece in read_pieces(result.corpus_uri)}
    assert sorted(pieces) == ["1759", "1760", "2194", "2195"]
    both = pieces["1759"]
    assert (both.midi_path, both.labels_path) == ("music/1759.mid", "labels/1759.csv")
    assert (both.composer, both.ensemble) == ("Schubert", "Solo Piano")
    assert both.title == "Piano Sonata in C minor: 3. Menuetto"
    assert both.source == "musicnet_midis/Schubert/1759_d958-3.mid"
    assert (pieces["1760"].labels_path, pieces["2195"].midi_path) == (None, None)


def test_movements_share_their_work_and_the_official_test_is_told(folder, bucket):
    pieces = list(read_pieces(ingest("musicnet", str(folder), bucket).corpus_uri))
    works = {piece.piece_id: piece.work for piece in pieces}
    assert works["1759"] == works["1760"] == "Schubert D958"
    assert works["2194"] != works["2195"]
    assert [p.piece_id for p in pieces if p.official_split == "test"] == ["1759"]


def test_labels_may_lie_right_in_the_folder(folder, bucket):
    expected = ingest("musicnet", str(folder), bucket)
    for name in ("train_labels", "test_labels"):
        (folder / "musicnet" / name).rename(folder / name)
    assert ingest("musicnet", str(folder), bucket).digest == expected.digest


def test_folder_archives_and_download_are_the_same_corpus(folder, bucket, tmp_path):
    expected = ingest("musicnet", str(folder), bucket)
    packed = tmp_path / "packed"
    packed.mkdir()
    for name, data in fake_musicnet.archives().items():
        (packed / name).write_bytes(data)
    assert ingest("musicnet", packed.as_uri(), bucket) == replace(expected, reused=True)
    with bad_server() as server:
        corpus = corpus_from(server, fake_musicnet.archives())
        assert ingest_corpus(corpus, None, bucket) == replace(expected, reused=True)


def test_a_download_survives_a_bad_line_and_is_made_but_once(bucket):
    archives = fake_musicnet.archives()
    with bad_server() as server:
        corpus = corpus_from(server, archives)
        half = len(archives["musicnet.tar.gz"]) // 2
        server.plays["musicnet.tar.gz"] = [plays.breaks_after(half), plays.status(503)]
        first = ingest_corpus(corpus, None, bucket)
        assert (first.pieces, first.reused) == (4, False)
        assert server.ranges["musicnet.tar.gz"] == [None, f"bytes={half}-", f"bytes={half}-"]
        requests = sum(map(len, server.ranges.values()))
        assert ingest_corpus(corpus, None, bucket) == replace(first, reused=True)
        assert sum(map(len, server.ranges.values())) == requests


@pytest.mark.parametrize("name", ["musicnet.tar.gz", "musicnet_midis.tar.gz"])
def test_a_tampered_download_leaves_nothing(bucket, name):
    archives = fake_musicnet.archives()
    with bad_server() as server:
        corpus = corpus_from(server, archives)
        # A sound archive of the same size, with another number in it.
        other = fake_musicnet.archives()[name]
        server.files[name] = other[:4] + b"\1\2\3\4" + other[8:]  # gzip's date
        with pytest.raises(BadInput, match=f"{name} is not the file that was published"):
            ingest_corpus(corpus, None, bucket)
    assert storage.names(bucket) == []


def test_an_archive_from_a_mirror(bucket):
    with bad_server() as server:
        corpus = corpus_from(server, fake_musicnet.archives())
        elsewhere = tuple(replace(f, url="http://127.0.0.1:1/x") for f in corpus.files)
        assert ingest_corpus(MusicNet(elsewhere, HURRY), server.url, bucket).pieces == 4


def test_without_a_network_the_remedy_is_told(bucket):
    nowhere = (RemoteFile("musicnet_metadata.csv", "http://127.0.0.1:1/x", 5, ""),)
    with pytest.raises(BadInput, match=r"cannot be had \(.*name its folder with --from"):
        ingest_corpus(MusicNet(nowhere, HURRY), None, bucket)


def test_the_official_files_are_whole():
    files = {file.name: file for file in MusicNet().files}
    assert files["musicnet.tar.gz"].bytes == 11_097_394_998
    assert {len(file.md5) for file in files.values()} == {32}
    assert all(file.url == f"{file.url.rpartition('/')[0]}/{file.name}" for file in files.values())


def test_what_is_missing_is_named(folder, bucket, tmp_path):
    with pytest.raises(BadInput, match="is not there"):
        ingest("musicnet", str(tmp_path / "absent"), bucket)
    (folder / "musicnet_metadata.csv").rename(tmp_path / "table.csv")
    with pytest.raises(BadInput, match=r"holds no musicnet_metadata\.csv"):
        ingest("musicnet", str(folder), bucket)
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "table.csv").rename(empty / "musicnet_metadata.csv")
    with pytest.raises(BadInput, match="holds neither musicnet_midis/ nor train_labels/"):
        ingest("musicnet", str(empty), bucket)
    assert storage.names(bucket) == []


def test_recordings_without_files_are_told(folder, bucket, caplog):
    (folder / "musicnet_midis" / "Schubert" / "1760_d958-4.mid").unlink()
    (folder / "musicnet" / "train_labels" / "999.csv").write_bytes(fake_musicnet.LABELS)
    assert ingest("musicnet", str(folder), bucket).pieces == 3
    assert "1 recordings have neither MIDI nor labels here and are left out: 1760" in caplog.text
    assert "1 files belong to no recording in the table and are left out: 999" in caplog.text


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("id,composer\n1,Bach\n", "lacks the columns composition, movement, ensemble, catalog"),
        (",".join(COLUMNS), "has no rows"),
        (",".join(COLUMNS) + "\nx,a,b,c,d,e\n", "'x'"),
        (",".join(COLUMNS) + "\n1,a,b,c,d,e\n1,a,b,c,d,e\n", "'1'"),
        ("\x00", "lacks the columns"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(table, message):
    with pytest.raises(BadInput, match=message):
        read_recordings(table.encode())


def test_a_work_without_a_number_is_known_by_its_name():
    table = f"{','.join(COLUMNS)}\n1,Bach,Fantasia,,Organ,\n2,,x,1. y,,op. 1 no 2\n"
    first, second = read_recordings(table.encode())
    assert (first.work, first.title) == ("Bach Fantasia", "Fantasia")
    assert (second.work, second.composer, second.ensemble) == (
        "unknown OP1NO2",
        "unknown",
        "unknown",
    )


def test_the_manifest_names_licence_and_source(folder, bucket):
    document = manifest.verify(ingest("musicnet", str(folder), bucket).corpus_uri)
    assert document["corpus"] == "musicnet"
    assert document["licence"] == "CC BY 4.0"
    assert (document["pieces"], document["source"]) == (4, str(folder))
    assert sorted(document["files"])[0] == "labels/1759.csv"
