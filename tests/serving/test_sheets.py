"""Pieces as scores to read."""

import asyncio
import threading
from unittest.mock import Mock
from xml.etree import ElementTree

import pytest

from musicgen.corpus.musicxml import read_musicxml
from musicgen.errors import BadInput
from musicgen.serving.dependencies import Limits
from musicgen.serving.engraving import engrave
from musicgen.serving.forms import ENGRAVE

ASK = {"composer": "Bach", "bars": 2, "seed": 42}
MUSICXML = "application/vnd.recordare.musicxml+xml"


@pytest.fixture
def piece(client) -> dict:
    return client.post("/v1/generate", json=ASK).json()


def test_musicxml_holds_the_notes(client, piece):
    answer = client.get(piece["links"]["musicxml"])
    assert answer.headers["content-type"] == MUSICXML
    assert 'filename="lstm-1-seed-42.musicxml"' in answer.headers["content-disposition"]
    sheet = read_musicxml(answer.content)
    found = sorted((onset * 4, pitch) for part in sheet.parts for onset, _, pitch in part.notes)
    assert found == sorted((note["onset_steps"], note["pitch"]) for note in piece["notes"])
    direct = client.post("/v1/generate", json=ASK, headers={"Accept": MUSICXML})
    assert direct.content == answer.content


def test_the_picture_shows_every_note_and_loads_nothing(client, piece):
    answer = client.get(piece["links"]["svg"], headers={"Accept": "text/html"})
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    root = ElementTree.fromstring(answer.content)
    notes = [e for e in root.iter() if e.get("class", "").split()[:1] == ["note"]]
    assert len(notes) >= len(piece["notes"])  # tied notes are several
    assert b"<script" not in answer.content
    again = client.get(piece["links"]["svg"], headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(("form", "slow"), [("wav", "render_wav"), ("musicxml", "write_musicxml")])
def test_a_form_that_takes_too_long_is_late(client, piece, monkeypatch, form, slow):
    done = threading.Event()
    monkeypatch.setattr(f"musicgen.serving.forms.{slow}", lambda *_: done.wait(10) and b"")
    client.app.state.service.forms._deadline_seconds = 0.1
    answer = client.get(piece["links"][form])
    done.set()
    assert (answer.status_code, answer.headers["retry-after"]) == (504, "2")


def test_who_waits_for_a_picture_on_a_busy_machine_is_told_to_come_back(client, piece):
    forms = client.app.state.service.forms
    forms._engraver, forms._deadline_seconds = Mock(run=lambda _: asyncio.sleep(10, b"")), 0.1
    assert client.get(piece["links"]["svg"]).status_code == 504
    assert ENGRAVE.cpu_seconds < Limits().deadline_seconds < ENGRAVE.wall_seconds


def test_what_is_no_score_is_refused():
    with pytest.raises(BadInput, match="cannot be engraved"):
        engrave(b"<nothing/>")
