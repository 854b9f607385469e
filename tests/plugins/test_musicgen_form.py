"""What the form offers first."""

import pytest
from musicgen_form import pipeline_form


def offered() -> dict:
    return {name: pipeline_form()[name].value for name in ("corpus", "corpus_uri", "profile")}


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    for name in ("CORPUS", "CORPUS_URI", "PROFILE"):
        monkeypatch.delenv(f"MUSICGEN_{name}", raising=False)


def test_unasked_it_is_what_everybody_has():
    assert offered() == {"corpus": "music21", "corpus_uri": None, "profile": "quick"}


def test_an_installation_has_a_corpus_of_its_own(monkeypatch):
    monkeypatch.setenv("MUSICGEN_CORPUS", "midi")
    monkeypatch.setenv("MUSICGEN_CORPUS_URI", "/my/midi/files")
    monkeypatch.setenv("MUSICGEN_PROFILE", "")
    assert offered() == {"corpus": "midi", "corpus_uri": "/my/midi/files", "profile": "quick"}
