import base64
import json
from pathlib import Path

import musicgen_listening
import pytest
from airflow.api_fastapi.core_api.security import get_user
from browsers import chromium
from fastapi import FastAPI
from fastapi.testclient import TestClient
from registry.reigns import crown

from musicgen import storage
from musicgen.serving.app import create_app
from musicgen.serving.piece_id import PieceId


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    monkeypatch.setenv("MUSICGEN_BUCKET", str(tmp_path / "bucket"))
    return f"file://{tmp_path}/bucket"


@pytest.fixture
def client(bucket, tmp_path, monkeypatch):
    """The page with the real API behind it."""
    with TestClient(create_app(bucket, cache_path=tmp_path / "cache")) as api:

        def request(method, url, **options):
            options.pop("timeout")
            return api.request(method, url.removeprefix("http://127.0.0.1:8000"), **options)

        monkeypatch.setattr(musicgen_listening.httpx, "request", request)
        app = FastAPI()
        app.include_router(musicgen_listening.router)
        app.dependency_overrides[get_user] = lambda: "somebody"
        yield TestClient(app)


def test_one_listens_blind_votes_and_then_learns_who_played(client, bucket):
    crown(bucket, "lstm", 1)
    crown(bucket, "gan", 2, channels=())
    assert "Champion against challenger" in client.get("/listening").text
    found = client.post("/listening/pairs").json()
    assert found["players"] == {}
    assert b"lstm" not in base64.urlsafe_b64decode(found["pair"] + "==")
    paths = [f"/listening/pairs/{found['pair']}/{side}.wav" for side in ("a", "b")]
    heard = [client.get(path).content for path in paths]
    assert {sound[:4] for sound in heard} == {b"RIFF"}
    voted = client.post("/listening/votes", json={"pair": found["pair"], "better": "a"}).json()
    assert set(voted["players"].values()) == {"lstm-1", "gan-1"}
    (name,) = storage.names(f"{bucket}/votes")
    kept = storage.read_json(f"{bucket}/votes/{name}")
    assert kept["versions"] == [voted["players"]["a"], voted["players"]["b"]]
    assert kept["best"] == kept["pieces"][0]
    asked = [PieceId.parse(piece).request for piece in kept["pieces"]]
    assert asked[0].tempo_qpm == asked[1].tempo_qpm is not None, "the length tells who plays"


def test_who_does_not_want_to_be_blind_is_told(client, bucket):
    crown(bucket, "lstm", 1)
    crown(bucket, "lstm", 2)
    players = client.post("/listening/pairs?blind=false").json()["players"]
    assert set(players.values()) == {"lstm-2", "lstm-1"}


def test_what_is_missing_is_named(client, bucket, monkeypatch):
    assert "no champion yet" in client.post("/listening/pairs").json()["detail"]
    crown(bucket, "lstm", 1)
    assert "no challenger yet" in client.post("/listening/pairs").json()["detail"]
    assert client.post("/listening/votes", json={"pair": "x", "better": "a"}).status_code == 404
    assert client.post("/listening/votes", json={"pair": "x", "better": "c"}).status_code == 422


def test_blindness_changes_before_a_vote_and_keeps_the_pair_after_it():
    seated = []

    def answer(route):
        path = route.request.url.rpartition("/listening")[2]
        if path.startswith("/pairs?"):
            seated.append(path)
            route.fulfill(body=json.dumps({"pair": f"p{len(seated)}", "players": {}}))
        elif path == "/votes":
            route.fulfill(body=json.dumps({"players": {"a": "lstm-1", "b": "gan-1"}}))
        elif path == "":
            page = Path(musicgen_listening.__file__).with_suffix(".html").read_bytes()
            route.fulfill(body=page, content_type="text/html")
        else:
            route.abort()

    with chromium() as browser:
        page = browser.new_page()
        page.route("**/*", answer)
        page.goto("http://airflow/listening")
        page.get_by_role("button", name="A is better").and_(page.locator(":enabled")).wait_for()
        page.get_by_label("blind").uncheck()
        page.get_by_role("button", name="A is better").click()
        page.get_by_text("Kept. Thank you.").wait_for()
        page.get_by_label("blind").check()
        assert page.get_by_role("heading", name="A: lstm-1").is_visible()
        page.get_by_role("button", name="Next pair").click()
        page.get_by_role("button", name="A is better").and_(page.locator(":enabled")).wait_for()
    assert seated == ["/pairs?blind=true", "/pairs?blind=false", "/pairs?blind=true"]
