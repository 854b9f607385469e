import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from musicgen import manifest, storage
from musicgen.corpus import music21_corpus
from musicgen.corpus.ingest import ingest
from musicgen.corpus.music21_works import COMPOSERS, describe, encodings
from musicgen.corpus.musicxml import read_musicxml
from musicgen.corpus.part_names import program_of_name
from musicgen.corpus.reader import read_piece, read_pieces
from musicgen.errors import BadInput
from musicgen.music.family import Family, families_of_programs

ROOT = music21_corpus._root()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Three composers' pieces, ingested once."""
    bucket = tmp_path_factory.mktemp("bucket").as_uri()
    return ingest("music21", "weber, haydn,corelli", bucket)


def test_a_few_composers_may_be_chosen(small):
    pieces = list(read_pieces(small.corpus_uri))
    assert small.pieces == len(pieces) == 11
    assert Counter(piece.composer for piece in pieces) == {"Haydn": 9, "Corelli": 1, "Weber": 1}
    assert Counter(piece.work for piece in pieces)["Haydn OP1NO1"] == 5
    first = next(piece for piece in pieces if piece.piece_id == "haydn-opus1no1-movement1")
    assert first.title == "String Quartet in B-flat major, movement 1"
    assert first.ensemble == "String Quartet"
    assert manifest.verify(small.corpus_uri)["licence"].startswith("BSD-3-Clause")


def test_instruments_come_out_in_their_families(small):
    pieces = {piece.piece_id: piece for piece in read_pieces(small.corpus_uri)}

    def families(piece_id):
        notes = read_piece(small.corpus_uri, pieces[piece_id]).notes
        return set(families_of_programs(notes["program"]))

    assert families("haydn-opus1no1-movement1") == {Family.STRINGS}
    assert families("weber-concertino_clarinet") == {Family.WINDS, Family.KEYBOARD}


def test_the_same_scores_are_not_read_twice(small, monkeypatch):
    bucket = small.corpus_uri.partition("/corpora/")[0]
    monkeypatch.setattr(music21_corpus, "read_musicxml", None)
    again = ingest("music21", "haydn,corelli,weber", bucket)
    assert (again.digest, again.pieces, again.reused) == (small.digest, small.pieces, True)


def test_an_unknown_composer_is_told_who_there_is(tmp_path):
    with pytest.raises(BadInput, match=r"no composer wagner here: choose among bach, .*weber"):
        ingest("music21", "bach,wagner", tmp_path.as_uri())
    assert storage.names(tmp_path.as_uri()) == []


def test_a_package_without_a_corpus_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(music21_corpus, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match="has no corpus"):
        ingest("music21", "weber", tmp_path.as_uri())


def test_a_score_that_cannot_be_read_is_told_and_left_out(monkeypatch, tmp_path, caplog):
    for name, data in (("bach/bwv1.6.xml", b"<score"), ("bach/bwv2.6.xml", _chorale())):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    monkeypatch.setattr(music21_corpus, "_root", lambda: tmp_path)
    result = ingest("music21", "bach", (tmp_path / "bucket").as_uri())
    assert [piece.piece_id for piece in read_pieces(result.corpus_uri)] == ["bach-bwv2.6"]
    assert "bach/bwv1.6.xml cannot be read" in caplog.text


def _chorale() -> bytes:
    note = "<note><pitch><step>C</step><octave>4</octave></pitch><duration>4</duration></note>"
    head = "<part-list><score-part id='P1'><part-name>Soprano</part-name></score-part></part-list>"
    body = f"<part id='P1'><measure number='1'>{note}</measure></part>"
    return f"<score-partwise>{head}{body}</score-partwise>".encode()


def test_the_whole_list_is_sound():
    found = list(encodings(ROOT, sorted(COMPOSERS)))
    assert len(found) > 500
    assert len({encoding.piece_id for encoding in found}) == len(found)
    assert len({encoding.name.rpartition(".")[0] for encoding in found}) == len(found)
    assert {encoding.composer for encoding in found} == set(COMPOSERS.values())
    for encoding in found:
        assert encoding.work.startswith(f"{encoding.composer} ")
        assert encoding.ensemble or encoding.chorale


@pytest.mark.parametrize(
    ("name", "work", "title"),
    [
        ("bach/bwv248.42-s.mxl", "Bach BWV248", "Chorale BWV 248.42-s"),
        ("bach/bwv277.mxl", "Bach BWV277", "Chorale BWV 277"),
        ("bach/bwv846.mxl", "Bach BWV846", "WTK I, No 1: Prelude in C major"),
        ("monteverdi/madrigal.4.12.mxl", "Monteverdi MADRIGAL4NO12", "Madrigals, Book 4, No 12"),
        (
            "beethoven/opus18no1/movement3.mxl",
            "Beethoven OP18NO1",
            "String Quartet No 1 in F major, movement 3",
        ),
    ],
)
def test_a_file_is_described_by_its_name(name, work, title):
    encoding = describe(name)
    assert (encoding.work, encoding.title) == (work, title)


def test_drafts_and_doubles_are_left_out():
    assert describe("monteverdi/madrigal.3.1_old.mxl") is None
    assert describe("schumann_robert/dichterliebe_no2.xml") is None
    names = {encoding.name for encoding in encodings(ROOT, ["beethoven"])}
    assert "beethoven/opus18no1/movement1.mxl" in names
    assert not any(name.endswith(".krn") for name in names)


def test_a_setting_with_two_numbers_is_one_work():
    assert describe("bach/bwv398.mxl").work == describe("bach/bwv197.7-a.mxl").work


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("Violin I", 40),
        ("1st Violin", 40),
        ("Violoncello.", 42),
        ("Violone e Organo", 43),
        ("Bb Clarinet", 71),
        ("Soprano Oboe 1 Violin1", 52),
        ("Bass", 52),
        ("MusicXML Part", None),
        ("", None),
    ],
)
def test_names_of_parts_tell_the_instrument(name, program):
    assert program_of_name(name) == program


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "bach/bwv66.6.mxl",  # an upbeat
        "bach/bwv248.64-6.mxl",  # trumpets and timpani
        "corelli/opus3no1/1grave.xml",
        "cpebach/h186.mxl",  # two hands, ornaments
        "haydn/opus1no1/movement1.mxl",
        "monteverdi/madrigal.3.20.mxl",
        "schumann_clara/polonaise_op1n1.mxl",
    ],
)
def test_scores_are_read_as_music21_reads_them(name):
    sheet = read_musicxml((ROOT / name).read_bytes())
    ours = [note for part in sheet.parts for note in part.notes]
    theirs = _read_with_music21(ROOT / name)
    assert _in_ticks(ours) == _in_ticks(theirs)


@pytest.mark.parametrize("name", ["madrigal.3.2", "madrigal.4.9", "madrigal.5.3"])
def test_parts_stay_together_where_their_bars_are_of_unequal_length(name):
    """Consonance shows it. Read with each part's own bars, a quarter of the intervals clash."""
    sheet = read_musicxml((ROOT / "monteverdi" / f"{name}.mxl").read_bytes())
    assert _dissonance([note for part in sheet.parts for note in part.notes]) < 0.1


def _dissonance(notes) -> float:
    """Share of seconds, tritones and sevenths among intervals that sound, by sixteenths."""
    sounding = np.zeros((int(max(onset + length for onset, length, _ in notes) * 4) + 1, 128))
    for onset, length, pitch in notes:
        sounding[round(4 * onset) : round(4 * (onset + length)), pitch] = 1
    counts = np.array([(sounding[:, i:] * sounding[:, : 128 - i]).sum() for i in range(1, 128)])
    clashes = np.isin(np.arange(1, 128) % 12, (1, 2, 6, 10, 11))
    return counts[clashes].sum() / counts.sum()


def _in_ticks(notes) -> Counter:
    """Count notes by ticks from the first onset, end and pitch."""
    first = min(onset for onset, _, _ in notes)
    return Counter(
        (round(480 * (onset - first)), round(480 * (onset - first + duration)), pitch)
        for onset, duration, pitch in notes
    )


def _read_with_music21(path: Path) -> list[tuple[float, float, int]]:
    from music21 import converter, harmony

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = converter.parse(path, forceSource=True).parts
    return [
        (float(element.offset), float(element.quarterLength), pitch.midi)
        for part in parts
        for element in part.stripTies().flatten().notes
        if not element.duration.isGrace and not isinstance(element, harmony.ChordSymbol)
        for pitch in element.pitches
    ]
