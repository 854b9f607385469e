import asyncio
import dataclasses
import json
from unittest.mock import Mock

import pytest
from fastapi.testclient import TestClient

from musicgen.serving.dependencies import Limits
from musicgen.serving.guards import Guards


def _problem(answer, status: int) -> dict:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["title"]
    assert document["detail"].endswith(".")
    return document


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"bars": 0}, "#/bars"),
        ({"bars": 1.5}, "#/bars"),
        ({"bars": "8"}, "#/bars"),
        ({"seed": -1}, "#/seed"),
        ({"seed": 2**32}, "#/seed"),
        ({"temperature": 5}, "#/temperature"),
        ({"top_p": 0}, "#/top_p"),
        ({"top_k": -1}, "#/top_k"),
        ({"tempo_qpm": 1}, "#/tempo_qpm"),
        ({"family": "vae"}, "#/family"),
        ({"version": "../../etc"}, "#/version"),
        ({"composer": ""}, "#/composer"),
        ({"composer": None}, "#/composer"),
        ({"colour": "red"}, "#/colour"),
        ({"a/b~1": 1}, "#/a~1b~01"),
        ([], "#"),
        ("bars", "#"),
    ],
)
def test_values_that_cannot_be_used_are_pointed_at(client, body, pointer):
    problem = _problem(client.post("/v1/generate", json=body), 422)
    assert pointer in [error["pointer"] for error in problem["errors"]]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"bars": 300}, "bars is 300; give a number from 1 to 256."),
        ({"bars": 1.5}, "bars is 1.5; give a whole number from 1 to 256."),
        ({"top_p": 0}, "top_p is 0; give a number above 0 and up to 1."),
        ({"family": "vae"}, "family is 'vae'; give 'lstm' or 'gan'."),
        ({"version": "../../etc"}, "version is '../../etc'; give a name like lstm-3."),
        ({"foo": 1}, "'foo' is not known here: leave it out."),
        ({"bars": 8, "seconds": 20}, "Give bars or seconds, not both."),
        ({"family": "lstm", "version": "gan-1"}, "gan-1 is no lstm: give family or version alone."),
        ([1], "The body is a list; give a JSON object."),
    ],
)
def test_the_detail_is_a_sentence_with_cause_and_remedy(client, body, detail):
    problem = _problem(client.post("/v1/generate", json=body), 422)
    assert problem["detail"] == problem["errors"][0]["detail"] == detail


def test_a_version_of_the_family_that_is_named_plays(client):
    body = {"family": "gan", "version": "gan-1", "bars": 1}
    assert client.post("/v1/generate", json=body).json()["version"] == "gan-1"


def test_wishes_in_a_query_that_is_not_read_are_refused(client):
    problem = _problem(client.post("/v1/generate?bars=1&seed=2", json={}), 422)
    assert problem["detail"] == (
        "/v1/generate takes its wishes as JSON in the body: move 'bars, seed' there."
    )


def test_a_vote_without_a_body_is_told_to_bring_one(client):
    problem = _problem(client.post("/v1/votes"), 422)
    assert problem["detail"] == "The body is missing: give it."


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(client, value):
    answer = client.post(
        "/v1/generate",
        content=f'{{"temperature": {value}}}',
        headers={"Content-Type": "application/json"},
    )
    _problem(answer, 422)


def test_a_composer_the_model_never_met_is_refused_with_those_it_did(client):
    problem = _problem(client.post("/v1/generate", json={"composer": "Back"}), 422)
    assert "choose one of: unknown, Bach, Beethoven" in problem["detail"]


def test_half_a_surrogate_pair_is_refused_not_fatal(client):
    answer = client.post(
        "/v1/generate",
        content=b'{"composer": "\\ud800"}',
        headers={"Content-Type": "application/json"},
    )
    _problem(answer, 422)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_0])
def test_what_is_not_json_is_a_bad_request(client, content):
    headers = {"Content-Type": "application/json"}
    _problem(client.post("/v1/generate", content=content, headers=headers), 400)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "audio/midi"])
def test_another_media_type_is_refused(client, kind):
    answer = client.post("/v1/generate", content=b"{}", headers={"Content-Type": kind})
    assert kind in _problem(answer, 415)["detail"]


@pytest.mark.parametrize(
    "accept",
    ["text/html", "audio/ogg, image/png", "application/json;q=0", "image/svg+xml;q=0, image/*"],
)
def test_a_form_that_there_is_not_is_refused(client, accept):
    answer = client.post("/v1/generate", json={}, headers={"Accept": accept})
    assert "audio/midi" in _problem(answer, 406)["detail"]


def test_a_large_body_is_refused_by_its_declared_length(client):
    problem = _problem(client.post("/v1/generate", json={"composer": "x" * 70_000}), 413)
    assert "65536" in problem["detail"]


def test_a_large_body_that_declares_nothing_is_refused(client):
    """This client sends its chunks as one; ``test_body_limit`` has them one by one."""
    answer = client.post(
        "/v1/generate", content=iter([b" " * 70_000]), headers={"Content-Type": "application/json"}
    )
    _problem(answer, 413)


def test_a_client_beyond_its_rate_is_told_when_to_come_back(bucket, client_of):
    client = client_of(bucket, Limits(requests_per_minute=6, burst=2))
    answers = [client.post("/v1/generate", json={"bars": 1}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    _problem(answers[2], 429)
    assert 1 <= int(answers[2].headers["retry-after"]) <= 10
    assert client.get("/healthz").status_code == 200


def test_more_work_than_can_wait_is_refused_at_once(bucket, client_of):
    client = client_of(bucket, Limits(growing=0, growing_waiting=0))
    answer = client.post("/v1/generate", json={})
    _problem(answer, 503)
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["x-content-type-options"] == "nosniff"
    counted = 'musicgen_responses_total{method="POST",route="/v1/generate",status="503"} 1.0'
    assert counted in client.get("/metrics").text
    assert client.get("/v1/generate").status_code == 405


def test_without_a_champion_there_is_no_music_yet(empty_bucket, client_of):
    client = client_of(empty_bucket)
    answer = client.post("/v1/generate", json={})
    assert "run the pipeline" in _problem(answer, 503)["detail"]
    assert int(answer.headers["retry-after"]) > 0
    _problem(client.post("/v1/generate", json={"family": "lstm"}), 503)


def test_a_piece_that_would_play_for_an_hour_is_refused(client):
    problem = _problem(client.post("/v1/generate", json={"bars": 256, "tempo_qpm": 20}), 422)
    assert "3072 s" in problem["detail"]


def test_unknown_paths_and_methods_are_problems_too(client):
    _problem(client.get("/v1/nothing"), 404)
    _problem(client.get("/v1/generate"), 405)
    _problem(client.get("/static/../app.py"), 404)
    _problem(client.get("/static/%2e%2e/app.py"), 404)


@pytest.mark.parametrize(
    ("method", "path", "status", "detail"),
    [
        ("GET", "/v1/generate", 405, "/v1/generate does not take GET: use POST."),
        ("DELETE", "/v1/votes", 405, "/v1/votes does not take DELETE: use GET or POST."),
        ("POST", "/static/main.js", 405, "/static/main.js does not take POST: use GET or HEAD."),
        ("GET", "/v1/jam", 426, "/v1/jam is a WebSocket: connect to it as one."),
        ("GET", "/v1/no", 404, "There is no /v1/no: /v1/openapi.json lists what there is."),
    ],
)
def test_who_lost_the_way_is_told_where_to_turn(client, method, path, status, detail):
    answer = client.request(method, path)
    assert _problem(answer, status)["detail"] == detail
    allowed = {
        "use POST.": "POST",
        "use GET or POST.": "GET, POST",
        "use GET or HEAD.": "GET, HEAD",
    }
    assert answer.headers.get("allow") == allowed.get(detail.partition(": ")[2])
    assert answer.headers.get("upgrade") == ("websocket" if status == 426 else None)


def test_what_goes_wrong_here_tells_clients_nothing_more(client, monkeypatch):
    service = client.app.state.service

    class Broken:
        def content(self, piece_id, form):
            raise RuntimeError("secret path")

    client.app.state.service = dataclasses.replace(service, forms=Broken())
    answer = client.post("/v1/generate", json={})
    assert "secret" not in json.dumps(_problem(answer, 500))
    assert answer.headers["x-content-type-options"] == "nosniff"
    counted = 'musicgen_responses_total{method="POST",route="/v1/generate",status="500"} 1.0'
    assert counted in client.get("/metrics").text


def test_what_goes_wrong_within_an_answer_cannot_be_answered_again():
    sent = []

    async def broken(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("halfway")

    async def send(message):
        sent.append(message["type"])

    guards = Guards(broken, Mock())
    scope = {"type": "http", "method": "GET", "path": "/"}
    with pytest.raises(RuntimeError, match="halfway"):
        asyncio.run(guards(scope, None, send))
    assert sent == ["http.response.start"]


def test_a_client_that_leaves_within_its_file_is_no_failure_of_ours(client):
    async def gone():
        return {"type": "http.disconnect"}

    async def leaves(scope, receive, send):
        await client.app(scope, gone, send)

    kind = {"Content-Type": "audio/midi"}
    answer = TestClient(leaves).post("/v1/continue", content=b"MThd", headers=kind)
    assert answer.status_code == 499


def test_without_a_soundfont_there_are_notes_but_no_sound(client, tmp_path):
    service = client.app.state.service
    service.forms._soundfont_path = tmp_path / "none.sf2"
    assert client.post("/v1/generate", json={}).status_code == 200
    answer = client.post("/v1/generate", json={}, headers={"Accept": "audio/wav"})
    assert "MUSICGEN_SOUNDFONT_PATH" in _problem(answer, 503)["detail"]
