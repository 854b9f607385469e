"""Going on from uploaded music."""

import numpy as np
import pytest
from bundles import lstm_bundle

from musicgen.benchmark.serving.bombs import BOMBS
from musicgen.errors import BadInput
from musicgen.generation.engine import load_engine
from musicgen.generation.request import Request
from musicgen.music.grid import GRID_NOTE, GridScore, quantize
from musicgen.music.midi import read_midi, write_midi
from musicgen.serving.dependencies import Limits
from musicgen.serving.upload import MAX_BYTES, read_upload

MIDI = {"Content-Type": "audio/midi"}
WISHES = {"bars": "2", "seed": "7", "composer": "Bach"}


@pytest.fixture(scope="module")
def music() -> bytes:
    request = Request(1, "Bach", bars=4, tempo_qpm=100)
    return write_midi(load_engine(lstm_bundle()).generate([request])[0])


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_by_a_sentence(name):
    with pytest.raises(BadInput, match=r"^The MIDI file .* send another one\.$"):
        read_upload(b"\x08" + BOMBS[name])


def test_a_refused_file_is_a_problem(client):
    assert len(BOMBS["years"]) <= 37
    answer = client.post("/v1/continue", content=BOMBS["years"], headers=MIDI)
    assert answer.status_code == 422
    assert "too_long" in answer.json()["detail"]


def test_the_piece_begins_with_the_music_and_goes_on(client, music):
    piece = client.post("/v1/continue", params=WISHES, content=music, headers=MIDI).json()
    before = quantize(read_midi(music))
    assert (piece["prompt_steps"], piece["length_steps"], piece["bars"]) == (64, 96, 2)
    assert piece["tempo_qpm"] == pytest.approx(100, abs=0.01)
    onsets = [(n["onset_steps"], n["pitch"]) for n in piece["notes"] if n["onset_steps"] < 64]
    assert onsets == [(n[0], n[2]) for n in before.notes.tolist()]
    assert any(note["onset_steps"] >= 64 for note in piece["notes"])


def test_a_waltz_is_still_one_when_its_continuation_is_gone_on_from(client):
    notes = np.array([(0, 12, 60, 0), (12, 12, 64, 0)], GRID_NOTE)
    waltz = write_midi(GridScore(notes, 24, np.array([0, 12], np.int32)))
    for prompt_steps in (24, 48):
        piece = client.post("/v1/continue", params=WISHES, content=waltz, headers=MIDI).json()
        assert (piece["prompt_steps"], piece["length_steps"]) == (prompt_steps, prompt_steps + 24)
        waltz = client.get(piece["links"]["midi"]).content


def test_seconds_are_what_five_minutes_leave_beside_the_music(client, music):
    wishes = {"seconds": "300", "tempo_qpm": "20"}
    piece = client.post("/v1/continue", params=wishes, content=music, headers=MIDI).json()
    assert (piece["duration_seconds"], piece["bars"]) == (300, 21)


def test_a_form_says_the_same_as_a_query(client, music):
    by_query = client.post("/v1/continue", params=WISHES, content=music, headers=MIDI)
    by_form = client.post("/v1/continue", data=WISHES, files={"file": ("a.mid", music)})
    assert by_form.json() == by_query.json()


def test_links_and_streams_hold_the_same_piece(client, client_of, bucket, music):
    wishes = {**WISHES, "context_bars": "2"}
    piece = client.post("/v1/continue", params=wishes, content=music, headers=MIDI).json()
    assert piece["prompt_steps"] == 32
    elsewhere = client_of(bucket)
    assert elsewhere.get(piece["links"]["self"]).json() == piece
    assert elsewhere.get(piece["links"]["midi"]).status_code == 200
    headers = {**MIDI, "Accept": "application/x-ndjson"}
    stream = client.post("/v1/continue", params=wishes, content=music, headers=headers)
    assert stream.text.count('"event":"note"') == len(piece["notes"])


def test_variations_go_on_differently(client, music):
    wishes = {**WISHES, "variations": "2", "temperature": "1.5"}
    first = client.post("/v1/continue", params=wishes, content=music, headers=MIDI).json()
    (second,) = first["variations"]
    assert second["seed"] == 8
    assert second["notes"] != first["notes"]


@pytest.mark.parametrize(
    ("wish", "pointer", "detail"),
    [
        ({"bars": "x"}, "query/bars", "bars is 'x'; give a whole number from 1 to 256."),
        ({"family": "gan"}, "query/family", "'family' is not known here: leave it out."),
        ({"version": "gan-1"}, "query/version", "version is 'gan-1'; give a name like lstm-3."),
        (
            {"context_bars": "17"},
            "query/context_bars",
            "context_bars is 17; give a number from 1 to 16.",
        ),
    ],
)
def test_wishes_that_cannot_be_are_pointed_at(client, music, wish, pointer, detail):
    answer = client.post("/v1/continue", params=wish, content=music, headers=MIDI)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert answer.json()["detail"] == detail


def test_other_bodies_have_their_status(client):
    assert client.post("/v1/continue", json={}).status_code == 415
    assert client.post("/v1/continue").status_code == 415
    assert client.post("/v1/continue", files={"other": b"x"}).status_code == 422
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert client.post("/v1/continue", content=b"nonsense", headers=broken).status_code == 400


def test_a_file_that_is_too_large_is_refused(bucket, client_of):
    client = client_of(bucket, Limits(upload_bytes=1000, warm=False))
    for content in (bytes(1001), iter([bytes(600), bytes(600)])):
        assert client.post("/v1/continue", content=content, headers=MIDI).status_code == 413


def test_a_file_may_not_fill_the_room_for_what_surrounds_it(client):
    data = bytes(MAX_BYTES + 1)
    for sent in ({"content": data, "headers": MIDI}, {"files": {"file": ("a.mid", data)}}):
        answer = client.post("/v1/continue", **sent)
        assert (answer.status_code, str(MAX_BYTES) in answer.text) == (413, True)


def test_without_an_lstm_nobody_can_go_on(empty_bucket, client_of, music):
    answer = client_of(empty_bucket).post("/v1/continue", content=music, headers=MIDI)
    assert answer.status_code == 503
