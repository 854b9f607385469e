import pytest

from musicgen import manifest, storage
from musicgen.errors import BadInput


def test_digest_ignores_the_order_of_keys():
    assert manifest.digest({"a": 1, "b": 2}) == manifest.digest({"b": 2, "a": 1})
    assert manifest.digest({"a": 1}) != manifest.digest({"a": 2})


def test_commit_makes_visible_and_verify_finds_changes(tmp_path):
    uri = tmp_path.as_uri()
    storage.write_bytes(storage.join(uri, "x"), b"1")
    assert not manifest.exists(uri)
    manifest.commit(uri, manifest.hashes(uri), pieces=1)
    assert manifest.verify(uri)["pieces"] == 1
    storage.remove(storage.join(uri, "x"))
    with pytest.raises(BadInput, match=r"hash missing"):
        manifest.verify(uri)


def test_only_what_was_not_committed_is_discarded(tmp_path):
    uri = (tmp_path / "dataset").as_uri()
    storage.write_bytes(storage.join(uri, "x"), b"1")
    manifest.discard(uri)
    assert not storage.exists(uri)
    storage.write_bytes(storage.join(uri, "x"), b"1")
    manifest.commit(uri, manifest.hashes(uri))
    manifest.discard(uri)
    manifest.verify(uri)
