import base64
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from musicgen import storage


@pytest.fixture
def pieces(client) -> list[str]:
    asked = [{"family": "lstm", "bars": 1, "seed": 1}, {"family": "gan", "bars": 4, "seed": 2}]
    return [client.post("/v1/generate", json=body).json()["id"] for body in asked]


def test_a_vote_is_kept_in_the_bucket_with_the_versions(client, bucket, pieces):
    answer = client.post("/v1/votes", json={"pieces": pieces, "best": pieces[1]})
    assert answer.status_code == 200
    vote = answer.json()
    day = vote["voted_at"][:10]
    kept = storage.read_json(f"{bucket.uri}/votes/{day}/{vote['vote_id']}.json")
    assert kept == vote
    assert kept["versions"] == ["lstm-1", "gan-1"]
    assert kept["best"] == pieces[1]


def test_no_difference_is_a_vote_too(client, pieces):
    answer = client.post("/v1/votes", json={"pieces": pieces, "best": None})
    assert (answer.status_code, answer.json()["best"]) == (200, None)


def _by(version: str) -> str:
    """Return a piece's id that somebody made by hand."""
    values = [version, 1, "unknown", "unknown", 8, None, None, 0, 0.95]
    text = json.dumps(values, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda ids: {"pieces": ids[:1], "best": None}, "pieces"),
        (lambda ids: {"pieces": [ids[0]] * 2, "best": None}, "twice"),
        (lambda ids: {"pieces": ids, "best": "another"}, "none of the pieces"),
        (lambda ids: {"pieces": [ids[0], "nonsense"], "best": None}, "names no piece"),
        (lambda ids: {"pieces": [ids[0], _by("nonsense of mine")], "best": None}, "names no piece"),
        (lambda ids: {"pieces": [ids[0], _by("x-1")], "best": None}, "names no piece"),
        (
            lambda ids: {"pieces": [ids[0], _by("gan-7")], "best": None},
            "gan-7 does not play",
        ),
        (lambda ids: {"pieces": ids}, "best"),
    ],
)
def test_a_vote_that_says_nothing_is_refused_and_not_kept(client, bucket, pieces, change, cause):
    answer = client.post("/v1/votes", json=change(pieces))
    assert answer.status_code == 422
    assert cause in answer.json()["detail"]
    assert not storage.names(f"{bucket.uri}/votes")


def test_votes_are_counted_by_family_and_version(client, bucket, pieces):
    again = client.post("/v1/generate", json={"family": "lstm", "bars": 1, "seed": 3}).json()["id"]
    assert client.get("/v1/votes").json() == {"votes": 0, "families": [], "versions": []}
    for named, best in (
        (pieces, pieces[1]),
        (pieces, None),
        ([*pieces, again], again),
        ([pieces[0], again], again),  # of one version: it says nothing of any
    ):
        client.post("/v1/votes", json={"pieces": named, "best": best})
    storage.write_json(f"{bucket.uri}/votes/2026-01-01/other.json", {"best": "of another program"})
    tally = client.get("/v1/votes").json()
    assert tally["votes"] == 4
    lstm = {"compared": 3, "best": 1, "ties": 1}
    assert tally["families"] == [{"name": "gan", **lstm}, {"name": "lstm", **lstm}]
    assert [row["name"] for row in tally["versions"]] == ["gan-1", "lstm-1"]


def test_votes_that_cannot_be_read_are_said_to_be_away(client, monkeypatch):
    def away(uri: str) -> list[str]:
        raise OSError("The bucket is away")

    monkeypatch.setattr(storage, "names", away)
    answer = client.get("/v1/votes")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")


def test_a_store_with_errors_of_its_own_is_away_too(client, pieces, monkeypatch):
    class HttpError(Exception):
        """As that of gcsfs, which is no OSError."""

    def keep(uri, document):
        raise HttpError("503")

    monkeypatch.setattr(storage, "write_json", keep)
    answer = client.post("/v1/votes", json={"pieces": pieces, "best": None})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")


def test_the_process_is_alive_whoever_waits_for_the_bucket(client, pieces, monkeypatch):
    hanging, is_back = threading.Semaphore(0), threading.Event()

    def hang(uri, document):
        hanging.release()
        is_back.wait()

    monkeypatch.setattr(storage, "write_json", hang)
    body = {"pieces": pieces, "best": None}
    with ThreadPoolExecutor(45) as voters:
        for _ in range(45):
            voters.submit(client.post, "/v1/votes", json=body)
        try:
            assert hanging.acquire(timeout=20)
            for path in ("/healthz", "/v1/options"):
                assert client.get(path).status_code == 200
        finally:
            is_back.set()


def test_a_vote_that_cannot_be_kept_is_said_to_be_lost(client, bucket, pieces, tmp_path):
    (tmp_path / "bucket" / "votes").write_text("a file where the directory should be")
    answer = client.post("/v1/votes", json={"pieces": pieces, "best": None})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "10"
