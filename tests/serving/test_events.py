"""Pieces as streams, and several of them."""

import asyncio
import json
import re
from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen.generation.request import Request
from musicgen.serving.batcher import Batcher
from musicgen.serving.dependencies import Limits
from musicgen.serving.events import events as told
from musicgen.serving.piece_id import PieceId
from musicgen.serving.problems import Problem
from musicgen.serving.telling import Telling
from musicgen.serving.wishes import GenerateBody

ASK = {"composer": "Bach", "bars": 4, "seed": 42}
NDJSON, EVENTS = "application/x-ndjson", "text/event-stream"


def _streamed(client, body: dict, accept: str = NDJSON) -> list[dict]:
    answer = client.post("/v1/generate", json=body, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(accept)
    assert answer.headers["cache-control"] == "no-store"
    if accept == NDJSON:
        return [json.loads(line) for line in answer.text.splitlines()]
    events = []
    for block in answer.text.strip().split("\n\n"):
        name, data = block.split("\n")
        events.append({"event": name.removeprefix("event: "), **json.loads(data[6:])})
    return events


def _notes(events: list[dict], variation: int = 0) -> list[tuple]:
    names = ("onset_steps", "duration_steps", "pitch", "family")
    return [
        tuple(event[name] for name in names)
        for event in events
        if event["event"] == "note" and event["variation"] == variation
    ]


def _notes_of(piece: dict) -> list[tuple]:
    return [tuple(note.values()) for note in piece["notes"]]


@pytest.mark.parametrize("accept", [NDJSON, EVENTS])
@pytest.mark.parametrize("family", ["lstm", "gan"])
def test_the_stream_is_the_piece(client, client_of, bucket, accept, family):
    body = {**ASK, "family": family}
    events = _streamed(client, body, accept)
    piece = client_of(bucket).post("/v1/generate", json=body).json()
    first, *notes, last = events
    assert (first["event"], last["event"]) == ("piece", "end")
    assert {name: first[name] for name in ("id", "version", "seed", "length_steps")} == {
        name: piece[name] for name in ("id", "version", "seed", "length_steps")
    }
    assert first["generation"] == {"lstm": 1, "gan": 1}[family]
    assert sorted(_notes(events)) == sorted(_notes_of(piece))
    assert last["notes"] == len(notes) == len(piece["notes"])
    ends = [note["onset_steps"] + note["duration_steps"] for note in notes]
    assert ends == sorted(ends)


def test_a_piece_that_is_known_streams_in_the_same_order(client):
    assert _streamed(client, ASK) == _streamed(client, ASK)


def test_a_piece_streams_by_its_id(client):
    events = _streamed(client, ASK)
    answer = client.get(f"/v1/pieces/{events[0]['id']}", headers={"Accept": NDJSON})
    assert [json.loads(line) for line in answer.text.splitlines()][1:] == events[1:]


def test_variations_are_the_pieces_of_the_seeds_that_follow(client):
    alone = [client.post("/v1/generate", json={**ASK, "seed": 42 + n}).json() for n in range(3)]
    first = client.post("/v1/generate", json={**ASK, "variations": 3}).json()
    assert [{**first, "variations": []}, *first["variations"]] == alone
    events = _streamed(client, {**ASK, "variations": 3})
    for number, piece in enumerate(alone):
        assert sorted(_notes(events, number)) == sorted(_notes_of(piece))
    assert sorted(event["variation"] for event in events if event["event"] == "end") == [0, 1, 2]


def test_seeds_of_variations_go_round(client):
    piece = client.post("/v1/generate", json={"seed": 2**32 - 1, "variations": 2}).json()
    assert piece["variations"][0]["seed"] == 0


def test_several_variations_are_no_file(client):
    answer = client.post("/v1/generate", json={"variations": 2}, headers={"Accept": "audio/midi"})
    assert answer.status_code == 406


@pytest.mark.parametrize(
    ("wish", "bars"),
    [
        ({"seconds": 10, "tempo_qpm": 96}, 4),
        ({"seconds": 10.1, "tempo_qpm": 96}, 5),
        ({"seconds": 0.1}, 1),
        ({"seconds": 8, "tempo_qpm": 120}, 4),
        ({"seconds": 300, "tempo_qpm": 25}, 31),  # a bar more would last 307 s
        ({"seconds": 300, "tempo_qpm": 24}, 30),  # five minutes to the point
    ],
)
def test_seconds_are_rounded_up_to_whole_bars_within_five_minutes(client, wish, bars):
    body = {**wish, "family": "gan"}
    assert client.post("/v1/generate", json=body).json()["bars"] == bars


@given(st.floats(1e-3, 300), st.floats(20, 400))
def test_all_seconds_can_be_had_unless_they_are_too_many_bars(seconds, tempo_qpm):
    try:
        (request,) = GenerateBody(seconds=seconds, tempo_qpm=tempo_qpm).requests(96)
    except Problem as problem:
        assert seconds * tempo_qpm / 240 > 256
        assert re.fullmatch(r".* are \d+ bars, at most 256 are made: .*\.", problem.detail)
    else:
        played = request.bars * 240 / tempo_qpm
        assert played <= 300 + 1e-6
        assert played >= seconds - 1e-6 or played + 240 / tempo_qpm > 300


def test_seconds_that_are_too_many_bars_are_refused_not_cut(client):
    answer = client.post("/v1/generate", json={"seconds": 300, "tempo_qpm": 400})
    assert answer.status_code == 422
    assert "300 s at 400 quarter notes a minute are 500 bars" in answer.json()["detail"]


def test_bars_and_seconds_are_one_too_many(client):
    answer = client.post("/v1/generate", json={"bars": 2, "seconds": 3})
    assert answer.status_code == 422
    assert "not both" in answer.json()["errors"][0]["detail"]


def test_a_late_piece_is_504_and_a_late_stream_says_so(bucket, client_of):
    client = client_of(bucket, Limits(deadline_seconds=0))
    answer = client.post("/v1/generate", json=ASK)
    assert answer.status_code == 504
    assert answer.headers["retry-after"]
    events = _streamed(client, ASK)
    assert (events[-1]["event"], events[-1]["status"]) == ("problem", 504)
    assert "musicgen_making_seconds_count{" not in client.get("/metrics").text


def test_a_stream_is_made_when_its_last_note_is(client):
    async def scene() -> None:
        going_on, made = asyncio.Event(), []

        async def notes():
            yield [(0, 4, 60, 0)]
            await going_on.wait()
            yield [(4, 4, 62, 0)]

        piece = (PieceId("lstm-1", Request(1)), 96.0, Telling(nullcontext(), notes()))
        stream = told([piece], None, NDJSON, lambda: made.append(True))
        await anext(stream)
        assert not made
        going_on.set()
        assert [chunk async for chunk in stream]
        assert made == [True]

    asyncio.run(scene())
    _streamed(client, ASK)
    counted = f'musicgen_making_seconds_count{{family="lstm",form="{NDJSON}"}} 1.0'
    assert counted in client.get("/metrics").text


def test_a_stream_that_is_refused_has_its_status(client, bucket, client_of):
    headers = {"Accept": EVENTS}
    unknown = client.post("/v1/generate", json={"composer": "Back"}, headers=headers)
    assert unknown.status_code == 422
    full = client_of(bucket, Limits(growing=0, growing_waiting=0))
    refused = full.post("/v1/generate", json=ASK, headers=headers)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize("accept", [NDJSON, "application/json"])
def test_where_one_variation_is_refused_nobody_grows_the_others(
    bucket, client_of, wait_until, monkeypatch, accept
):
    begun, join = [], Batcher.join

    def joined(*arguments, **named):
        begun.append(join(*arguments, **named))
        return begun[-1]

    monkeypatch.setattr(Batcher, "join", joined)
    client = client_of(bucket, Limits(growing=1, growing_waiting=1))
    body = {"bars": 256, "tempo_qpm": 300, "variations": 3, "family": "lstm"}
    assert client.post("/v1/generate", json=body, headers={"Accept": accept}).status_code == 503
    assert len(begun) == 2
    wait_until(lambda: all(stream.left for stream in begun))
    assert not any(stream.piece.done for stream in begun)
