"""docs/DATA.md tells the truth about corpora."""

import re
from dataclasses import fields

import pytest

from musicgen.corpus import beat_units, catalogue, labels
from musicgen.corpus.music21_works import COMPOSERS, encodings
from musicgen.corpus.musicnet import MusicNet
from musicgen.corpus.piece import Piece
from musicgen.settings import PROJECT_PATH

TEXT = (PROJECT_PATH / "docs" / "DATA.md").read_text()


def section(title: str) -> str:
    return re.split(r"^#+ ", TEXT.partition(f"# {title}\n")[2], flags=re.MULTILINE)[0]


def first_cells(text: str) -> list[str]:
    """The code words in the first cells of a table's rows."""
    cells = re.findall(r"^\| (`[^|]*) \|", text, flags=re.MULTILINE)
    return re.findall(r"`(\w+)`", " ".join(cells))


def test_the_fields_of_a_piece():
    assert sorted(first_cells(section("`pieces.jsonl`"))) == sorted(f.name for f in fields(Piece))


def test_the_corpora_and_their_licences():
    assert sorted(first_cells(section("The three corpora"))) == catalogue.names()
    assert MusicNet().licence in section("The three corpora")


def test_the_columns_of_labels():
    assert first_cells(section("Two views of a piece")) == list(labels.COLUMNS)
    assert beat_units.__name__.rpartition(".")[2] in TEXT


def test_the_size_of_music21s_corpus():
    from musicgen.corpus.music21_corpus import _root

    found = list(encodings(_root(), sorted(COMPOSERS)))
    works = {encoding.work for encoding in found}
    expected = f"holds {len(found)} pieces by {len(COMPOSERS)} composers, of {len(works)} works"
    assert expected in TEXT


@pytest.mark.parametrize("name", re.findall(r"`(musicgen/[\w/]+\.py)`", TEXT))
def test_the_modules_that_it_names_exist(name):
    assert (PROJECT_PATH / name).is_file()
