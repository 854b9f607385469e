"""Keys and origins."""

import json
import stat
import threading

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from musicgen.errors import BadInput
from musicgen.serving.app import create_app
from musicgen.serving.dependencies import Limits
from musicgen.serving.keys import Keys

FRIEND = "https://friend.example"


@pytest.fixture
def keys(tmp_path) -> Keys:
    return Keys(tmp_path / "keys.json")


@pytest.fixture
def guarded(bucket, tmp_path, keys):
    limits = Limits(poll_seconds=3600, warm=False, burst=3, requests_per_minute=1)
    app = create_app(bucket.uri, limits, tmp_path / "cache", keys=keys, origins=(FRIEND,))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_a_key_is_shown_once_and_kept_as_a_hash(keys, tmp_path):
    key = keys.add("Ada")
    path = tmp_path / "keys.json"
    assert key not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.owner(key) == Keys(path).owner(key) == "Ada"
    assert keys.owner(key + "x") is None
    assert [entry["name"] for entry in keys.listed()] == ["Ada"]


def test_names_are_unique_and_must_be_known(keys):
    keys.add("Ada")
    with pytest.raises(BadInput, match="has a key already"):
        keys.add("Ada")
    with pytest.raises(BadInput, match="'Bob' has no key"):
        keys.revoke("Bob")
    with pytest.raises(BadInput, match="give a name"):
        keys.add(" ")


def test_of_two_who_change_the_keys_at_once_one_waits(keys, tmp_path, monkeypatch):
    keys.add("Eve")
    read = keys._read
    other = threading.Thread(target=lambda: Keys(tmp_path / "keys.json").revoke("Eve"))

    def slowly():
        found = read()
        if not other.ident:
            other.start()
            other.join(0.2)
        return found

    monkeypatch.setattr(keys, "_read", slowly)
    keys.add("Bob")
    other.join()
    assert [entry["name"] for entry in Keys(tmp_path / "keys.json").listed()] == ["Bob"]


def test_without_keys_anybody_may_ask_and_with_them_only_their_holders(guarded, keys):
    assert guarded.get("/v1/options").status_code == 200
    key = keys.add("Ada")
    refused = guarded.get("/v1/options")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert refused.headers["content-type"] == "application/problem+json"
    assert guarded.get("/v1/options", headers={"X-API-Key": "mg_wrong"}).status_code == 401
    for headers in ({"Authorization": f"Bearer {key}"}, {"X-API-Key": key}):
        assert guarded.get("/v1/options", headers=headers).status_code == 200
    for path in ("/healthz", "/", "/v1/openapi.json"):
        assert guarded.get(path).status_code == 200
    keys.revoke("Ada")
    for headers in ({}, {"X-API-Key": key}):
        assert guarded.get("/v1/options", headers=headers).status_code == 401
    keys.add("Bob")
    assert guarded.get("/v1/options", headers={"X-API-Key": key}).status_code == 401


def test_each_key_has_a_rate_of_its_own(guarded, keys):
    ada, bob = ({"X-API-Key": keys.add(name)} for name in ("Ada", "Bob"))
    statuses = [guarded.post("/v1/generate", headers=ada).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert guarded.post("/v1/generate", headers=bob).status_code == 200


def test_a_damaged_file_lets_nobody_in(guarded, tmp_path):
    (tmp_path / "keys.json").write_text(json.dumps([]))
    answer = guarded.get("/v1/options")
    assert answer.status_code == 503
    assert "damaged" in answer.json()["detail"]


def test_only_named_origins_may_read(guarded):
    asked = {"Origin": FRIEND, "Access-Control-Request-Method": "POST"}
    allowed = guarded.options("/v1/generate", headers=asked)
    assert allowed.headers["access-control-allow-origin"] == FRIEND
    refused = guarded.options("/v1/generate", headers={**asked, "Origin": "https://foe.example"})
    assert "access-control-allow-origin" not in refused.headers
    answer = guarded.post("/v1/generate", headers={"Origin": FRIEND})
    assert "X-Musicgen-Seed" in answer.headers["access-control-expose-headers"]


def test_only_named_origins_may_play_along(guarded):
    for origin in (FRIEND, "http://testserver"):
        with guarded.websocket_connect("/v1/jam", headers={"Origin": origin}) as socket:
            socket.send_json({"type": "start", "bars": 64})
            assert socket.receive_json()["type"] == "ready"
            socket.send_json({"type": "stop"})
            while (message := socket.receive_json())["type"] != "end":
                pass
            assert message["steps"] < 64 * 16, "it ended by itself"
    foe = {"Origin": "https://foe.example"}
    with (
        pytest.raises(WebSocketDisconnect),
        guarded.websocket_connect("/v1/jam", headers=foe),
    ):
        pass


def test_a_key_opens_a_duet(guarded, keys):
    key = keys.add("Ada")
    with pytest.raises(WebSocketDisconnect), guarded.websocket_connect("/v1/jam"):
        pass
    with guarded.websocket_connect("/v1/jam", headers={"X-API-Key": key}) as socket:
        socket.send_json({"type": "stop"})
        assert socket.receive_json()["status"] == 422
    offered = ["musicgen", f"key.{key}"]
    with guarded.websocket_connect("/v1/jam", subprotocols=offered) as socket:
        assert socket.accepted_subprotocol == "musicgen"
    with (
        pytest.raises(WebSocketDisconnect),
        guarded.websocket_connect("/v1/jam", subprotocols=["musicgen", "key.mg_wrong"]),
    ):
        pass
