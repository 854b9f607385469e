import base64
import io
import re

import pytest
import soundfile
from browsers import chromium
from evaluation.scores import SILENCE, excerpt

from musicgen.listening.audio import data_uri
from musicgen.listening.room import Player, Row, asked_for, room, room_page
from musicgen.settings import settings

TUNE = excerpt((0, 4, 60, 0), (4, 60, 64, 1))


def test_sound_is_as_long_as_the_piece_with_its_tail():
    kind, data = data_uri(TUNE).split(",")
    assert kind == "data:audio/mpeg;base64"
    samples, rate_hz = soundfile.read(io.BytesIO(base64.b64decode(data)))
    assert len(samples) / rate_hz == pytest.approx(TUNE.duration_seconds + 1.5, abs=0.1)
    assert 0.05 < abs(samples).max() <= 1
    assert len(data) < 200_000


def test_a_page_holds_all_it_needs_and_escapes_names():
    page = room_page("A & B", "Listen.", [Row("Bach", [Player("<x>", "#123", TUNE)])])
    assert "<title>A &amp; B</title>" in page
    assert "&lt;x&gt;" in page
    assert "<x>" not in page
    assert "http:" not in page
    assert "https:" not in page
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert page.count("<rect") == 2
    assert 'data-seconds="8.000"' in page


def test_the_button_says_what_it_does_next():
    players = [Player(name, "#123", TUNE) for name in ("<x>", "gan")]
    with chromium() as browser:
        page = browser.new_page()
        page.set_content(room_page("Room", "Listen.", [Row("Bach", players)]))
        page.get_by_role("button", name="Play <x>").click()
        page.get_by_role("button", name="Pause <x>").wait_for()
        page.get_by_role("button", name="Play gan").click()
        page.get_by_role("button", name="Pause gan").wait_for()
        page.get_by_role("button", name="Play <x>").wait_for()
        page.get_by_role("button", name="Pause gan").click()
        page.get_by_role("button", name="Play gan").wait_for()


def test_silence_has_no_sound():
    html = room([Row("Bach", [Player("gan", "#123", TUNE), Player("silence", "#123", SILENCE)])])
    assert html.count("<audio") == html.count('class="play"') == 1
    assert "Silence." in html


def test_without_a_soundfont_the_room_is_silent_and_says_why(monkeypatch, tmp_path):
    monkeypatch.setenv("MUSICGEN_SOUNDFONT_PATH", str(tmp_path / "none.sf2"))
    settings.cache_clear()
    html = room([Row("Bach", [Player("gan", "#123", TUNE)])])
    settings.cache_clear()
    assert "There is no SoundFont at" in html
    assert "<audio" not in html
    assert html.count("<svg") == 1


def test_rows_are_called_after_what_was_asked_for():
    assert asked_for("Bach", "unknown") == "Bach"
    assert asked_for("Bach", "Choir") == "Bach · Choir"
    assert asked_for("unknown", "unknown") == "Nothing asked for"
