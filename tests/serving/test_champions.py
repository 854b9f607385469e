import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from bundles import gan_bundle, lstm_bundle
from fastapi.testclient import TestClient

from musicgen import storage
from musicgen.generation.engine import load_engine
from musicgen.generation.request import Request
from musicgen.registry import layout
from musicgen.registry.pointer import Pointer, swap_pointer
from musicgen.serving.dependencies import Limits


def _playing(client) -> dict:
    return client.get("/readyz").json()["playing"]


def test_the_champions_of_all_channels_play(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "playing": {"overall": "lstm-1", "lstm": "lstm-1", "gan": "gan-1"},
        "problems": {},
    }


def test_without_a_champion_the_server_is_alive_but_not_ready(empty_bucket, client_of):
    client = client_of(empty_bucket)
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert client.get("/v1/options").json() == {"families": []}
    empty_bucket.crown("gan-1", gan_bundle())
    assert client.post("/v1/models/reload").json()["models"][0]["version"] == "gan-1"
    assert client.get("/readyz").status_code == 200


def test_a_pointer_that_moves_is_followed_without_being_told(bucket, client_of, wait_until):
    client = client_of(bucket, Limits(poll_seconds=0.02))
    bucket.crown("lstm-2", lstm_bundle(seed=2))
    wait_until(lambda: _playing(client)["overall"] == "lstm-2")
    bucket.point(None, "lstm-1")  # rolled back
    wait_until(lambda: _playing(client)["overall"] == "lstm-1")


def test_what_goes_wrong_here_ends_the_following_of_no_pointer(
    bucket, client_of, wait_until, monkeypatch
):
    def full(uri, document, write=storage.write_json):
        if "/cache/" in uri:
            raise OSError(28, "No space left on device", uri)
        write(uri, document)

    monkeypatch.setattr(storage, "write_json", full)
    client = client_of(bucket, Limits(poll_seconds=0.05, warm=False))
    assert _playing(client)["lstm"] == "lstm-1"
    with monkeypatch.context() as broken:
        broken.setattr("musicgen.serving.shelf.read_pointer", lambda uri: None.pointer)
        broken.setattr(storage, "read_json", lambda uri: {})
        wait_until(lambda: client.get("/readyz").json()["problems"])
        assert _playing(client)["lstm"] == "lstm-1"
    bucket.publish("lstm-2", lstm_bundle(seed=2))
    bucket.point("lstm", "lstm-2")
    wait_until(lambda: _playing(client)["lstm"] == "lstm-2")


def test_a_tampered_bundle_is_refused_reported_and_never_plays(client, bucket, caplog):
    bucket.publish("lstm-2", lstm_bundle(seed=2))
    uri = storage.join(layout.version_uri(bucket.uri, "lstm-2"), "weights.npz")
    data = bytearray(storage.read_bytes(uri))
    data[len(data) // 2] ^= 1
    storage.write_bytes(uri, bytes(data))
    bucket.point(None, "lstm-2")
    problems = client.post("/v1/models/reload").json()["problems"]
    assert problems["overall"].startswith("lstm-2 is damaged")
    assert "weights.npz is not the file that was committed" in caplog.text
    assert client.get("/readyz").json()["problems"] == problems
    assert _playing(client)["overall"] == "lstm-1"
    assert client.post("/v1/generate", json={}).status_code == 200
    assert client.post("/v1/generate", json={"version": "lstm-2"}).status_code == 404


@pytest.mark.parametrize(
    "found",
    [
        {"weights.npz": None},
        {"weights.npz": b"tampered"},
        {"manifest.json": None},
        {"manifest.json": b"no JSON"},
        {"manifest.json": b"{}"},
        {"manifest.json": b'{"files": {}, "format_version": 2}'},
        {"manifest.json": b'{"files": {}, "format_version": 1}'},
    ],
)
def test_what_is_wrong_with_a_bundle_is_told_without_where_it_lies(client, bucket, tmp_path, found):
    bucket.publish("lstm-2", lstm_bundle(seed=2))
    for name, content in found.items():
        uri = storage.join(layout.version_uri(bucket.uri, "lstm-2"), name)
        if content is None:
            storage.remove(uri)
        else:
            storage.write_bytes(uri, content)
    bucket.point(None, "lstm-2")
    answer = client.post("/v1/generate", json={"version": "lstm-2"})
    assert answer.status_code == 404
    problem = client.post("/v1/models/reload").json()["problems"]["overall"]
    for said in (answer.json()["detail"], problem):
        assert "lstm-2" in said
        assert str(tmp_path) not in said


def test_a_damaged_pointer_is_told_without_where_it_lies(client, bucket, caplog):
    uri = layout.channel_uri(bucket.uri, None)
    storage.write_bytes(uri, b"no JSON")
    problems = client.post("/v1/models/reload").json()["problems"]
    sentence = "The overall champion's pointer is damaged: restore it from the ledger."
    assert problems == {"overall": sentence}
    assert uri in caplog.text


def test_a_version_that_is_not_there_is_told_without_where_the_bucket_is(client):
    answer = client.post("/v1/generate", json={"version": "lstm-99"})
    assert answer.status_code == 404
    detail = "Version 'lstm-99' cannot play: lstm-99 is not among the bucket's versions."
    assert answer.json()["detail"] == detail


def test_a_bundle_that_cannot_play_never_does(client, bucket):
    broken = lstm_bundle(seed=2)
    del broken.weights["output_bias"]
    bucket.crown("lstm-2", broken)
    problems = client.post("/v1/models/reload").json()["problems"]
    assert "output_bias is missing" in problems["lstm"]
    assert _playing(client) == {"overall": "lstm-1", "lstm": "lstm-1", "gan": "gan-1"}
    bucket.crown("lstm-3", lstm_bundle(seed=3))  # mended
    assert client.post("/v1/models/reload").json()["problems"] == {}
    assert _playing(client)["overall"] == "lstm-3"


@pytest.mark.parametrize("how", ["damaged", "gone"])
def test_what_plays_goes_on_when_the_bucket_is_lost(client, bucket, how):
    models = storage.local_path(bucket.uri) / "models"
    shutil.rmtree(models)
    if how == "damaged":
        models.write_text("not a directory")
    client.post("/v1/models/reload")
    assert _playing(client)["overall"] == "lstm-1"
    assert client.post("/v1/generate", json={}).status_code == 200


@pytest.fixture
def lose(bucket, monkeypatch) -> Callable[[str], None]:
    def away_from(name: str, read=storage.open_read) -> None:
        def away(uri):
            if uri.startswith(bucket.uri) and uri.endswith(name):
                raise OSError("connection refused")
            return read(uri)

        monkeypatch.setattr(storage, "open_read", away)

    return away_from


def test_a_server_starts_from_its_local_copy_when_the_bucket_is_away(
    client, bucket, client_of, lose
):
    expected = client.post("/v1/generate", json={"seed": 1}).json()
    lose("")
    restarted = client_of(bucket)
    assert restarted.post("/v1/generate", json={"seed": 1}).json() == expected


@pytest.mark.parametrize("name", ["", "weights.npz"])
def test_while_the_bucket_is_away_nobody_is_told_that_a_version_is_not_there(
    client, bucket, lose, name
):
    bucket.publish("lstm-2", lstm_bundle(seed=2))
    lose(name)
    answer = client.post("/v1/generate", json={"version": "lstm-2"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "cannot be read now" in answer.json()["detail"]
    assert "refused" not in answer.text
    assert bucket.uri not in answer.text


@pytest.mark.parametrize(
    ("place", "error", "cause"),
    [
        ("shelf.tempfile.mkdtemp", OSError(28, "No space left on device"), "No space left"),
        ("player.load_engine", MemoryError(), "MemoryError"),
    ],
)
def test_what_this_machine_has_no_room_for_now_may_be_asked_for_again(
    client, bucket, monkeypatch, place, error, cause
):
    def full(*_, **__):
        raise error

    bucket.publish("lstm-2", lstm_bundle(seed=2))
    with monkeypatch.context() as narrow:
        narrow.setattr(f"musicgen.serving.{place}", full)
        answer = client.post("/v1/generate", json={"version": "lstm-2"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert f"cannot be loaded now ({cause}" in answer.json()["detail"]
    assert client.post("/v1/generate", json={"version": "lstm-2"}).status_code == 200


@pytest.fixture
def bucket_that_hangs(bucket, client_of, monkeypatch) -> Iterator[TestClient]:
    """Serve a bucket that answers nobody any more, with a deadline that tests can wait for."""
    limits = Limits(threads=1, deadline_seconds=2, poll_seconds=3600, warm=False)
    client = client_of(bucket, limits)
    back = threading.Event()

    def hanging(uri):
        back.wait(60)
        raise OSError("connection refused")

    with monkeypatch.context() as broken:
        broken.setattr("musicgen.serving.shelf.read_pointer", hanging)
        broken.setattr("musicgen.serving.shelf.manifest.load", hanging)
        broken.setattr(storage, "names", hanging)
        yield client
        back.set()


def test_while_the_bucket_hangs_music_is_made_and_nobody_waits_for_ever(bucket_that_hangs):
    client = bucket_that_hangs
    asked = [
        ("POST", "/v1/generate", {"version": "lstm-7"}),
        ("POST", "/v1/models/reload", None),
        ("GET", "/v1/votes", None),
    ]
    for method, path, body in asked:
        answer = client.request(method, path, json=body)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10"), path
        assert "cannot be read now" in answer.json()["detail"]
    for seed in (1, 2):  # all the while, those three hang in their threads
        assert client.post("/v1/generate", json={"family": "gan", "seed": seed}).status_code == 200


def test_who_asks_for_a_version_does_not_wait_for_pointers(client, bucket, monkeypatch):
    bucket.publish("lstm-2", lstm_bundle(seed=2))
    asked, back = threading.Event(), threading.Event()

    def hanging(uri):
        asked.set()
        back.wait(60)
        raise OSError("connection refused")

    champions = client.app.state.service.champions
    with monkeypatch.context() as broken, ThreadPoolExecutor(1) as pool:
        broken.setattr("musicgen.serving.shelf.read_pointer", hanging)
        looking = pool.submit(champions.refresh)
        try:
            assert asked.wait(20)
            answer = client.post("/v1/generate", json={"version": "lstm-2"})
            assert answer.status_code == 200
            assert not looking.done()
        finally:
            back.set()


def test_a_version_that_the_bucket_holds_no_more_plays_from_its_copy_if_that_is_whole(
    client, bucket, client_of, tmp_path
):
    piece = client.post("/v1/generate", json={"seed": 1}).json()
    bucket.crown("lstm-2", lstm_bundle(seed=2))
    storage.remove(layout.version_uri(bucket.uri, "lstm-1"))
    assert client_of(bucket).get(piece["links"]["self"]).json() == piece
    (tmp_path / "cache" / "lstm-1" / "weights.npz").write_bytes(b"damaged")
    assert client_of(bucket).get(piece["links"]["self"]).status_code == 404


def test_a_pointer_is_written_down_when_it_moves_and_else_left_alone(client, bucket, monkeypatch):
    written = []

    def watched(uri, document, write=storage.write_json):
        written.append((uri.rpartition("/")[2], document["version"]))
        write(uri, document)

    monkeypatch.setattr(storage, "write_json", watched)
    client.post("/v1/models/reload")
    assert written == []
    bucket.point("gan", "gan-1")
    client.post("/v1/models/reload")
    assert written == [("musicgen-gan.json", "gan-1")]


def test_a_damaged_local_copy_is_fetched_again(client, bucket, client_of, tmp_path):
    (tmp_path / "cache" / "lstm-1" / "weights.npz").write_bytes(b"damaged")
    restarted = client_of(bucket)
    assert _playing(restarted)["overall"] == "lstm-1"


def test_downloads_that_were_killed_are_cleared_away(bucket, client_of, tmp_path):
    cache = tmp_path / "cache"
    for name, age_seconds in ((".side-old", 7200), (".side-now", 0)):
        (cache / name).mkdir(parents=True)
        (cache / name / "weights.npz").write_bytes(b"half")
        os.utime(cache / name, (time.time() - age_seconds,) * 2)
    client_of(bucket)
    assert sorted(path.name for path in cache.glob(".side-*")) == [".side-now"]


def test_a_bucket_that_was_made_anew_is_not_answered_from_memory(client, bucket):
    body, sound = {"seed": 1, "bars": 1}, {"Accept": "audio/wav"}

    def heard() -> tuple[list, bytes]:
        piece = client.post("/v1/generate", json=body).json()
        return piece["notes"], client.post("/v1/generate", json=body, headers=sound).content

    before = heard()
    shutil.rmtree(storage.local_path(bucket.uri))
    bucket.publish("lstm-1", lstm_bundle(seed=5))
    pointer = Pointer("lstm-1", "lstm", layout.version_uri(bucket.uri, "lstm-1"), "anew", 0, "", "")
    swap_pointer(layout.channel_uri(bucket.uri, None), pointer, 0)
    client.post("/v1/models/reload")
    notes, wav = heard()
    assert notes != before[0]
    assert wav != before[1]
    score = load_engine(lstm_bundle(seed=5)).generate([Request(1, bars=1)])[0]
    assert [note["pitch"] for note in notes] == score.notes["pitch"].tolist()


def test_swaps_under_load_fail_no_request_and_mix_no_versions(client, bucket, wait_until):
    bundles = {f"lstm-{n + 1}": lstm_bundle(seed=n) for n in range(3)}  # lstm-1 is there
    for version in ("lstm-2", "lstm-3"):
        bucket.publish(version, bundles[version])
    request = Request(5, bars=2)
    expected = {
        version: load_engine(bundle).generate([request])[0].notes["pitch"].tolist()
        for version, bundle in bundles.items()
    }
    generations, answers, done = {2: "lstm-1"}, [], threading.Event()

    def ask() -> None:
        while not done.is_set():
            answer = client.post("/v1/generate", json={"seed": 5, "bars": 2})
            pitches = [note["pitch"] for note in answer.json()["notes"]]
            answers.append((answer.status_code, answer.headers, pitches))

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask) for _ in range(3)]
        try:
            for turn in range(20):
                pointer = bucket.point(None, f"lstm-{turn % 3 + 1}")
                generations[pointer.generation] = pointer.version
                client.post("/v1/models/reload")
                enough = len(answers) + 4  # some of them begun after the swap
                wait_until(lambda enough=enough: len(answers) >= enough)
        finally:
            done.set()
        for future in asking:
            future.result()
    for status, headers, pitches in answers:
        assert status == 200
        assert headers["x-musicgen-version"] == generations[int(headers["x-musicgen-generation"])]
        assert pitches == expected[headers["x-musicgen-version"]]
    assert {headers["x-musicgen-version"] for _, headers, _ in answers} == set(bundles)
