import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from cloud.bucket_server import BucketServer

from musicgen.registry import atomic
from musicgen.registry.atomic import Conflict
from musicgen.registry.channel import Channel
from musicgen.registry.ledger import Entry
from musicgen.registry.pointer import Pointer, swap_pointer

BUCKET = "gs://music"


@pytest.fixture
def server(monkeypatch):
    with BucketServer() as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", running.address)
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "music")
        atomic._gcs_client.cache_clear()
        yield running
        running.shutdown()
        thread.join()
    atomic._gcs_client.cache_clear()


def entry(version, previous=None):
    pointer = Pointer(version, "lstm", "gs://b", "run", 0.5, "dataset", "gs://e", previous)
    return Entry(pointer, "better", "somebody", "2026-11-22T12:00:00+00:00")


def test_objects_are_created_once_and_replaced_as_they_were_read(server):
    uri = f"{BUCKET}/a/b.json"
    assert atomic.read(uri) is None
    atomic.create(uri, b"1")
    with pytest.raises(Conflict):
        atomic.create(uri, b"2")
    before = atomic.read(uri)
    assert before.data == b"1"
    atomic.replace(uri, b"3", before)
    with pytest.raises(Conflict):
        atomic.replace(uri, b"4", before)
    with pytest.raises(Conflict):
        atomic.replace(uri, b"5", None)
    assert atomic.read(uri).data == b"3"


def test_a_channel_moves_and_counts_as_on_disk(server):
    channel = Channel(BUCKET, "lstm")
    first = channel.move(entry("lstm-1"), 0)
    channel.move(entry("lstm-2", "lstm-1"), first.generation)
    with pytest.raises(Conflict):
        channel.move(entry("lstm-3"), first.generation)
    with pytest.raises(Conflict):
        swap_pointer(channel.uri, entry("lstm-4").pointer, 1)
    assert channel.settled().version == "lstm-2"
    assert [found.pointer.generation for found in channel.ledger.entries()] == [1, 2]
    assert "models/musicgen-lstm/ledger/2.json" in server.objects


def test_an_upload_whose_answer_is_lost_counts_once(server):
    channel = Channel(BUCKET, "lstm")
    server.lose_answers = 1
    assert channel.move(entry("lstm-1"), 0).generation == 1
    assert channel.settled().version == "lstm-1"


def test_ten_promoters_at_once(server):
    channel = Channel(BUCKET, "lstm")

    def promote_twice(name):
        moved = 0
        while moved < 2:
            now = channel.settled()
            try:
                channel.move(entry(name, now and now.version), now.generation if now else 0)
                moved += 1
            except Conflict:
                continue

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(promote_twice, [f"lstm-{n}" for n in range(10)]))
    entries = channel.ledger.entries()
    versions = [found.pointer.version for found in entries]
    assert sorted(versions) == sorted(2 * [f"lstm-{n}" for n in range(10)])
    assert [found.pointer.previous for found in entries] == [None, *versions[:-1]]
