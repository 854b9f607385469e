"""Duets over a WebSocket."""

import pytest
from bundles import lstm_bundle
from starlette.websockets import WebSocketDisconnect

from musicgen.generation.engine import load_engine
from musicgen.generation.request import Request
from musicgen.music.family import Family
from musicgen.serving.dependencies import Limits

START = {"type": "start", "seed": 7, "composer": "Bach", "tempo_qpm": 400, "bars": 1}


def _until_end(socket) -> list[dict]:
    messages = [socket.receive_json()]
    while messages[-1]["type"] not in ("end", "problem"):
        messages.append(socket.receive_json())
    return messages


def _notes(plans: list[dict]) -> list[tuple]:
    """Put the events of plans together again, as rows of a score."""
    notes, begun = [], {}
    for plan in plans:
        for note in plan["notes"]:
            line = (note["pitch"], Family[note["family"].upper()])
            if note["on"]:
                begun[line] = plan["step"]
            else:
                notes.append((begun[line], plan["step"] - begun.pop(line), *line))
    return sorted(notes + [(at, 16 - at, *line) for line, at in begun.items()])


def test_alone_the_model_plays_the_piece_of_its_seed_on_time(client):
    with client.websocket_connect("/v1/jam") as socket:
        socket.send_json(START)
        ready, *plans, end = _until_end(socket)
    assert (ready["type"], ready["version"], ready["seed"]) == ("ready", "lstm-1", 7)
    assert end == {"type": "end", "steps": 16}
    assert [plan["step"] for plan in plans] == list(range(16))
    for plan in plans:
        at = ready["begins_ms"] + plan["step"] * ready["step_ms"]
        assert plan["play_at_ms"] == pytest.approx(at, abs=0.01)
    score = load_engine(lstm_bundle()).generate([Request(7, "Bach", bars=1)])[0]
    assert _notes(plans) == sorted(score.notes.tolist())


def test_the_model_hears_the_person_and_leaves_them_their_notes(client):
    with client.websocket_connect("/v1/jam") as socket:
        socket.send_json({**START, "bars": 4})
        for pitch in (50, 60, 70):
            socket.send_json({"type": "note", "pitch": pitch, "on": True})
        _, *plans, _ = _until_end(socket)
    score = load_engine(lstm_bundle()).generate([Request(7, "Bach", bars=4)])[0]
    assert _notes(plans) != sorted(score.notes.tolist())
    played = [note for plan in plans for note in plan["notes"] if note["on"]]
    assert played
    assert not [n for n in played if n["family"] == "keyboard" and n["pitch"] in (50, 60, 70)]


def test_clocks_are_compared_and_either_side_may_stop(client):
    with client.websocket_connect("/v1/jam") as socket:
        socket.send_json({**START, "bars": 64})
        ready = socket.receive_json()
        socket.send_json({"type": "sync", "client_ms": 12.5})
        sync = next(m for m in iter(socket.receive_json, None) if m["type"] == "sync")
        assert sync["client_ms"] == 12.5
        assert sync["server_ms"] < ready["begins_ms"] + 20_000
        socket.send_json({"type": "stop"})
        end = _until_end(socket)[-1]
    assert end["type"] == "end"
    assert end["steps"] < 64 * 16, "it ended by itself"


def test_a_person_who_just_leaves_frees_the_place(bucket, client_of, wait_until):
    client = client_of(bucket, Limits(jams=1, warm=False))
    with client.websocket_connect("/v1/jam") as socket:
        socket.send_json({**START, "bars": 256})
        assert socket.receive_json()["type"] == "ready"
        assert client.app.state.service.jams.locked()
        socket.close()
        wait_until(lambda: not client.app.state.service.jams.locked())


@pytest.mark.parametrize(
    ("messages", "status"),
    [
        (["nonsense"], 400),
        ([{"type": "start", "composer": "Back"}], 422),
        ([{"type": "start", "tempo_qpm": 0}], 422),
        ([{"type": "start", "version": "lstm-9"}], 404),
        ([START, {"type": "dance"}], 422),
        ([START, {"type": "note", "pitch": 300, "on": True}], 422),
        ([START, {"type": "sync", "client_ms": "noon"}], 422),
        ([START, {"type": "sync", "client_ms": float("inf")}], 422),
        ([START, {"type": "sync", "client_ms": float("nan")}], 422),
        ([START, {"type": "sync"}], 422),
    ],
)
def test_what_cannot_be_played_is_a_problem(client, messages, status):
    with client.websocket_connect("/v1/jam") as socket:
        for message in messages:
            socket.send_json(message)
        problem = _until_end(socket)[-1]
        assert (problem["type"], problem["status"]) == ("problem", status)
        assert problem["detail"]
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()


def test_a_duet_that_cannot_start_says_what_to_give(client):
    with client.websocket_connect("/v1/jam") as socket:
        socket.send_json({**START, "ahead_steps": 0})
        detail = _until_end(socket)[-1]["detail"]
    assert detail == "The duet cannot start: ahead_steps is 0; give a number from 1 to 16."


def test_lists_in_lists_without_end_are_a_problem(client):
    for begun in ([], [START]):
        with client.websocket_connect("/v1/jam") as socket:
            for message in begun:
                socket.send_json(message)
            socket.send_text("[" * 16_000)
            problem = _until_end(socket)[-1]
            assert (problem["type"], problem["status"]) == ("problem", 400)


def test_more_duets_than_can_be_played_are_refused(bucket, client_of):
    with client_of(bucket, Limits(jams=0, warm=False)).websocket_connect("/v1/jam") as socket:
        assert socket.receive_json()["status"] == 503
