import io
import wave

import pytest
from bundles import lstm_bundle

from musicgen.generation.engine import load_engine
from musicgen.generation.request import Request
from musicgen.music.family import Family
from musicgen.music.midi import read_midi, write_midi

ASK = {"composer": "Bach", "ensemble": "Solo Piano", "bars": 2, "seed": 42, "tempo_qpm": 120}


def test_a_piece_as_json_is_what_the_engine_makes(client):
    answer = client.post("/v1/generate", json=ASK)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    piece = answer.json()
    score = load_engine(lstm_bundle()).generate([Request(42, "Bach", "Solo Piano", 2, 120)])[0]
    notes = [
        (n["onset_steps"], n["duration_steps"], n["pitch"], Family[n["family"].upper()])
        for n in piece["notes"]
    ]
    assert notes == score.notes.tolist()
    assert piece["length_steps"] == 32
    assert piece["duration_seconds"] == 4.0
    assert {name: piece[name] for name in ASK} == ASK


def test_headers_name_version_seed_and_generation(client):
    headers = client.post("/v1/generate", json=ASK).headers
    assert headers["x-musicgen-version"] == "lstm-1"
    assert headers["x-musicgen-seed"] == "42"
    assert headers["x-musicgen-generation"] == "2"  # the overall pointer: gan-1, then lstm-1
    family = client.post("/v1/generate", json={**ASK, "family": "gan"}).headers
    assert family["x-musicgen-version"] == "gan-1"
    assert family["x-musicgen-generation"] == "1"


def test_accept_chooses_the_form(client):
    midi = client.post("/v1/generate", json=ASK, headers={"Accept": "audio/midi"})
    assert midi.headers["content-type"] == "audio/midi"
    assert 'filename="lstm-1-seed-42.mid"' in midi.headers["content-disposition"]
    assert len(read_midi(midi.content).notes) == len(
        client.post("/v1/generate", json=ASK).json()["notes"]
    )
    wav = client.post("/v1/generate", json=ASK, headers={"Accept": "audio/wav"})
    assert wav.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(wav.content)) as sound:
        assert sound.getnframes() / sound.getframerate() > 4


def test_an_empty_request_makes_any_piece(client):
    first, second = (client.post("/v1/generate").json() for _ in range(2))
    assert first["seed"] != second["seed"]
    assert first["notes"]
    assert first["composer"] == "unknown"


def test_the_same_request_makes_the_same_piece(client):
    assert (
        client.post("/v1/generate", json=ASK).json() == client.post("/v1/generate", json=ASK).json()
    )


def test_links_lead_to_the_same_piece_in_every_form(client, bucket, client_of):
    piece = client.post("/v1/generate", json=ASK).json()
    direct = client.post("/v1/generate", json=ASK, headers={"Accept": "audio/midi"}).content
    for server in (client, client_of(bucket)):  # the one that made it, and one that never saw it
        assert server.get(piece["links"]["self"]).json() == piece
        assert server.get(piece["links"]["midi"]).content == direct
        sound = server.get(piece["links"]["wav"])
        assert sound.headers["content-type"] == "audio/wav"
        assert sound.headers["x-musicgen-seed"] == "42"


def test_a_link_outlives_its_champion(client, bucket):
    piece = client.post("/v1/generate", json=ASK).json()
    bucket.crown("lstm-2", lstm_bundle(seed=2))
    client.post("/v1/models/reload")
    assert client.post("/v1/generate", json=ASK).json()["version"] == "lstm-2"
    assert client.get(piece["links"]["self"]).json() == piece
    pinned = client.post("/v1/generate", json={**ASK, "version": "lstm-1"})
    assert pinned.json() == piece
    assert "x-musicgen-generation" not in pinned.headers  # no pointer led here


def test_a_client_that_has_a_piece_is_not_sent_it_again(client):
    link = client.post("/v1/generate", json=ASK).json()["links"]["midi"]
    tag = client.get(link).headers["etag"]
    again = client.get(link, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["nonsense", "W10", "WyJsc3RtLTEiXQ", "é", "a" * 4000])
@pytest.mark.parametrize("suffix", ["", ".mid", ".wav", ".musicxml", ".svg"])
def test_an_id_that_names_no_piece_is_not_found(client, name, suffix):
    answer = client.get(f"/v1/pieces/{name}{suffix}")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "The id names no piece."


def test_a_version_that_was_never_published_is_not_found(client):
    answer = client.post("/v1/generate", json={"version": "lstm-9"})
    assert answer.status_code == 404
    assert "lstm-9" in answer.json()["detail"]


def test_the_gan_plays_too(client):
    piece = client.post("/v1/generate", json={"family": "gan", "seed": 3, "bars": 4}).json()
    assert piece["family"] == "gan"
    assert piece["notes"]


def test_midi_of_the_api_is_the_midi_of_the_library(client):
    score = load_engine(lstm_bundle()).generate([Request(42, "Bach", "Solo Piano", 2, 120)])[0]
    midi = client.post("/v1/generate", json=ASK, headers={"Accept": "audio/midi"}).content
    assert midi == write_midi(score)
