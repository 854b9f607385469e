"""``gs://`` by the real clients: what holds on disk holds there."""

import hashlib

import pytest
from google.api_core.exceptions import PreconditionFailed
from google.cloud import storage as gcs

from musicgen import storage

BUCKET = "gs://music"


def test_objects_are_written_listed_read_and_removed(bucket_server):
    for name in ("a/b/one.json", "a/b/two.json", "a/c.json"):
        storage.write_json(f"{BUCKET}/{name}", {"name": name})
    assert storage.names(f"{BUCKET}/a") == ["b/one.json", "b/two.json", "c.json"]
    assert storage.children(f"{BUCKET}/a") == ["b", "c.json"]
    assert storage.read_json(f"{BUCKET}/a/b/two.json") == {"name": "a/b/two.json"}
    storage.remove(f"{BUCKET}/a/b")
    assert storage.names(f"{BUCKET}/a") == ["c.json"]
    assert not storage.exists(f"{BUCKET}/a/b")
    with pytest.raises(FileNotFoundError):
        storage.read_bytes(f"{BUCKET}/a/b/one.json")


def test_large_objects_are_whole(bucket_server, tmp_path):
    data = bytes(range(256)) * 50_000
    (tmp_path / "big").write_bytes(data)
    storage.upload(tmp_path, f"{BUCKET}/tree")
    with storage.open_read(f"{BUCKET}/tree/big") as stream:
        stream.seek(10_000_000)
        assert stream.read(1000) == data[10_000_000:10_001_000]
    storage.download(f"{BUCKET}/tree", tmp_path / "back")
    assert (tmp_path / "back" / "big").read_bytes() == data
    assert storage.sha256(f"{BUCKET}/tree/big") == hashlib.sha256(data).hexdigest()


def test_what_another_process_wrote_is_seen_at_once(bucket_server):
    assert not storage.exists(f"{BUCKET}/d/late.json")
    assert storage.names(f"{BUCKET}/d") == []
    bucket_server.insert("d/late.json", b"{}", {})
    assert storage.exists(f"{BUCKET}/d/late.json")
    assert storage.names(f"{BUCKET}/d") == ["late.json"]
    assert storage.children(f"{BUCKET}/d") == ["late.json"]
    bucket_server.insert("d/later.json", b"{}", {})
    assert storage.children(f"{BUCKET}/d") == ["late.json", "later.json"]


def test_the_server_keeps_preconditions_on_insert_copy_and_delete(bucket_server):
    bucket = gcs.Client().bucket("music")
    blob = bucket.blob("x")
    blob.upload_from_string(b"1", if_generation_match=0)
    first = blob.generation
    with pytest.raises(PreconditionFailed):
        blob.upload_from_string(b"2", if_generation_match=0)
    blob.upload_from_string(b"2", if_generation_match=first)
    with pytest.raises(PreconditionFailed):
        bucket.copy_blob(blob, bucket, "y", if_source_generation_match=first)
    bucket.copy_blob(blob, bucket, "y", if_generation_match=0)
    with pytest.raises(PreconditionFailed):
        bucket.copy_blob(blob, bucket, "y", if_generation_match=0)
    with pytest.raises(PreconditionFailed):
        blob.delete(if_generation_match=first)
    assert bucket.blob("y").download_as_bytes() == b"2"
    blob.delete(if_generation_match=blob.generation)
    assert not blob.exists()


def test_a_large_upload_keeps_its_precondition_too(bucket_server, tmp_path):
    big = tmp_path / "big"
    big.write_bytes(b"x" * (9 * 2**20))
    blob = gcs.Client().bucket("music").blob("big", chunk_size=2**20)
    blob.upload_from_filename(str(big), if_generation_match=0)
    with pytest.raises(PreconditionFailed):
        blob.upload_from_filename(str(big), if_generation_match=0)
    assert len(bucket_server.objects["big"][0]) == 9 * 2**20
