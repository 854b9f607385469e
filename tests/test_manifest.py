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


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent", "There is no /.*/absent: check the path"),
        ("file", "/file is a file: give the directory of"),
        ("file/below", "There is no /.*/file/below"),
        ("empty", r"/empty holds no manifest\.json: it is missing or was never finished"),
    ],
)
def test_what_holds_no_manifest_is_told_for_what_it_is(tmp_path, name, message):
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match=message):
        manifest.load((tmp_path / name).as_uri())


def test_only_what_was_not_committed_is_discarded(tmp_path):
    uri = (tmp_path / "dataset").as_uri()
    storage.write_bytes(storage.join(uri, "x"), b"1")
    manifest.discard(uri)
    assert not storage.exists(uri)
    storage.write_bytes(storage.join(uri, "x"), b"1")
    manifest.commit(uri, manifest.hashes(uri))
    manifest.discard(uri)
    manifest.verify(uri)
