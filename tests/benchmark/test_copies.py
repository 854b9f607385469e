from preprocess.snapshots import small_music, small_pieces, write_snapshot

from musicgen import manifest, storage
from musicgen.benchmark.copies import copied_corpus, transposed
from musicgen.corpus.reader import read_pieces
from musicgen.music.grid import quantize
from musicgen.music.midi import read_midi
from musicgen.preprocess.fingerprint import fingerprint


def test_no_two_copies_have_the_same_notes():
    data = small_music(3)
    copies = list(transposed(data, 60))
    assert copies[0] == data
    assert len({fingerprint(quantize(read_midi(copy))) for copy in copies}) == 60


def test_a_copy_is_the_piece_in_another_key():
    before, after = (quantize(read_midi(d)).notes for d in list(transposed(small_music(3), 3))[::2])
    assert (after["pitch"] - before["pitch"] == 2).all()
    assert (after["onset_steps"] == before["onset_steps"]).all()


def test_what_cannot_be_read_is_copied_as_it_is():
    no_track = b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0"
    for data in (b"no music", no_track):
        assert list(transposed(data, 3)) == [data] * 3


def test_a_corpus_many_times_over(tmp_path):
    corpus_uri = write_snapshot(tmp_path, small_pieces(4))
    facts = manifest.load(corpus_uri) | {"licence": "mine"}
    manifest.commit(corpus_uri, **facts)
    uri = copied_corpus(corpus_uri, 3, tmp_path.as_uri())
    pieces = list(read_pieces(uri))
    assert len(pieces) == manifest.load(uri)["pieces"] == 12
    assert {piece.work for piece in pieces} == {f"work-{n:03d}" for n in range(4)}
    assert all(storage.exists(storage.join(uri, piece.midi_path)) for piece in pieces)
    assert copied_corpus(corpus_uri, 3, tmp_path.as_uri()) == uri
