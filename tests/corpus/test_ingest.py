import errno
import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from corpus.fake_musicnet import midi

from musicgen import manifest, storage
from musicgen.corpus import catalogue
from musicgen.corpus import ingest as stage
from musicgen.corpus.ingest import ingest, ingest_corpus
from musicgen.corpus.protocol import delivery
from musicgen.corpus.reader import read_pieces
from musicgen.errors import BadInput


@dataclass
class Given:
    """A corpus of given pieces: bytes by id."""

    pieces: dict[str, bytes] = field(default_factory=lambda: {"b": midi(50), "a": midi(60)})
    title: str = "t"
    print_of: str | None = None
    delivered: int = 0

    name = "given"
    licence = "none"
    home = "here"

    def fingerprint(self, source):
        return self.print_of

    def deliveries(self, source, staging):
        for piece_id, data in self.pieces.items():
            self.delivered += 1
            yield delivery(
                piece_id,
                midi=data,
                composer="unknown",
                ensemble="unknown",
                work=piece_id,
                title=self.title,
                official_split=None,
                source=f"{source}/{piece_id}",
            )


@pytest.fixture
def bucket(tmp_path):
    return (tmp_path / "bucket").as_uri()


def test_a_snapshot_is_committed_with_its_hashes(bucket):
    result = ingest_corpus(Given(), None, bucket)
    assert result.corpus_uri == f"{bucket}/corpora/given/{result.digest}"
    document = manifest.verify(result.corpus_uri)
    assert sorted(document["files"]) == ["music/a.mid", "music/b.mid", "pieces.jsonl"]
    assert sorted(document["files"]) == [
        name for name in storage.names(result.corpus_uri) if name != manifest.NAME
    ]
    assert [piece.piece_id for piece in read_pieces(result.corpus_uri)] == ["a", "b"]


def test_the_same_music_is_taken_once_wherever_it_comes_from(bucket, tmp_path):
    first = ingest_corpus(Given(), "one place", bucket)
    path = Path(storage.local_path(first.corpus_uri), manifest.NAME)
    written = path.stat().st_mtime_ns
    second = ingest_corpus(Given(dict(reversed(Given().pieces.items()))), "another", bucket)
    assert second == replace(first, reused=True)
    assert path.stat().st_mtime_ns == written
    elsewhere = ingest_corpus(Given(), "x", (tmp_path / "other").as_uri())
    assert (elsewhere.digest, elsewhere.reused) == (first.digest, False)


def test_other_music_or_other_facts_are_another_snapshot(bucket):
    digests = {
        ingest_corpus(corpus, None, bucket).digest
        for corpus in (Given(), Given({"a": midi(61)}), Given({"b": midi(60)}), Given(title="u"))
    }
    assert len(digests) == 4


def test_a_known_fingerprint_spares_the_work(bucket):
    first = ingest_corpus(Given(print_of="f1"), None, bucket)
    again = Given(print_of="f1")
    assert ingest_corpus(again, None, bucket) == replace(first, reused=True)
    assert again.delivered == 0
    storage.remove(first.corpus_uri)
    assert ingest_corpus(again, None, bucket) == first
    assert again.delivered == 2


def test_what_is_beside_the_snapshots_is_hidden(bucket):
    result = ingest_corpus(Given(print_of="f1"), None, bucket)
    assert storage.children(f"{bucket}/corpora/given") == [result.digest]


@pytest.mark.parametrize("failing", ["commit", "_publish"])
def test_a_broken_ingest_is_invisible_and_can_be_run_again(bucket, monkeypatch, failing):
    def fail(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(manifest if failing == "commit" else stage, failing, fail)
        with pytest.raises(KeyboardInterrupt):
            ingest_corpus(Given(), None, bucket)
    for digest in storage.children(f"{bucket}/corpora/given"):
        assert not manifest.exists(f"{bucket}/corpora/given/{digest}")
    assert not ingest_corpus(Given(), None, bucket).reused


def test_nothing_is_left_in_the_temporary_folder(bucket, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    ingest_corpus(Given(), None, bucket)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_no_music_and_doubled_ids_are_refused(bucket):
    with pytest.raises(BadInput, match="here holds no music"):
        ingest_corpus(Given({}), None, bucket)

    @dataclass
    class Doubled(Given):
        def deliveries(self, source, staging):
            yield from super().deliveries("one", staging)
            yield from super().deliveries("two", staging)

    with pytest.raises(BadInput, match="one/b and two/b are both piece b"):
        ingest_corpus(Doubled(), None, bucket)
    assert storage.names(bucket) == []


def test_a_full_disk_is_told_in_a_sentence(bucket, monkeypatch):
    def full(self, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setitem(catalogue._CORPORA, "given", Given)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(BadInput, match=r"No space is left in .*TMPDIR"):
        ingest("given", None, bucket)


def test_a_full_bucket_is_given_its_room_back(bucket, monkeypatch):
    write = storage.write_bytes

    def full(uri, data):
        if uri.endswith("b.mid"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(uri, data)

    monkeypatch.setitem(catalogue._CORPORA, "given", Given)
    monkeypatch.setattr(storage, "write_bytes", full)
    with pytest.raises(BadInput, match="No space is left"):
        ingest("given", None, bucket)
    assert storage.names(bucket) == []


def test_a_full_bucket_keeps_what_another_process_committed_meanwhile(bucket, monkeypatch):
    write = storage.write_bytes

    def full(uri, data):
        write(uri, data)
        if uri.endswith("b.mid"):
            with monkeypatch.context() as other:
                other.setattr(storage, "write_bytes", write)
                ingest_corpus(Given(), None, bucket)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(storage, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        ingest_corpus(Given(), None, bucket)
    (digest,) = storage.children(f"{bucket}/corpora/given")
    manifest.verify(f"{bucket}/corpora/given/{digest}")


def test_an_unknown_corpus_is_refused(bucket):
    with pytest.raises(BadInput, match="no corpus 'mozart'; there are midi, music21, musicnet"):
        ingest("mozart", None, bucket)


def test_the_catalogue_gives_what_it_lists():
    for name in catalogue.names():
        corpus = catalogue.find(name)
        assert corpus.name == name
        assert corpus.licence
        assert corpus.home


def test_workers_read_without_heavy_libraries():
    """What Spark's workers import stays light: they are many."""
    heavy = "('music21', 'tensorflow', 'pyspark', 'rich', 'great_expectations', 'mlflow')"
    code = (
        "import sys, musicgen.corpus.reader, musicgen.corpus.ingest\n"
        f"sys.exit(any(name in sys.modules for name in {heavy}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
