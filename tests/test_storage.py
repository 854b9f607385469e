import contextlib
import errno
import itertools
import threading
import time

import pytest

from musicgen import storage
from musicgen.errors import BadInput


def test_write_is_whole_or_not_at_all(tmp_path, monkeypatch):
    uri = (tmp_path / "a" / "x.json").as_uri()
    storage.write_json(uri, {"b": 1, "a": 2})
    assert storage.read_bytes(uri) == b'{\n "a": 2,\n "b": 1\n}\n'

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(storage.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        storage.write_bytes(uri, b"new")
    assert storage.read_json(uri) == {"a": 2, "b": 1}
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["x.json"]


def test_names_and_children_leave_out_temporaries(tmp_path):
    for name in ("b/c.txt", "a.txt", ".hidden"):
        storage.write_bytes(storage.join(tmp_path.as_uri(), name), b"x")
    assert storage.names(tmp_path.as_uri()) == ["a.txt", "b/c.txt"]
    assert storage.children(tmp_path.as_uri()) == ["a.txt", "b"]
    assert storage.names((tmp_path / "absent").as_uri()) == []


def test_upload_and_download(tmp_path):
    (tmp_path / "from" / "deep").mkdir(parents=True)
    (tmp_path / "from" / "deep" / "x").write_bytes(b"1")
    uri = (tmp_path / "to").as_uri()
    storage.upload(tmp_path / "from", uri)
    storage.download(uri, tmp_path / "back")
    assert (tmp_path / "back" / "deep" / "x").read_bytes() == b"1"
    storage.remove(uri)
    assert not storage.exists(uri)


def test_a_directory_goes_though_somebody_still_writes_there(tmp_path):
    uri = (tmp_path / "a").as_uri()
    storage.write_bytes(f"{uri}/first", b"x")
    end = time.monotonic() + 0.3

    def write():
        for number in itertools.count():
            if time.monotonic() > end:
                return
            with contextlib.suppress(FileNotFoundError):
                storage.write_bytes(f"{uri}/{number}", b"x")

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        storage.remove(uri)
    storage.remove(uri)
    assert not storage.exists(uri)


def test_a_directory_that_never_stops_filling_is_told(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.ENOTEMPTY, "not empty")

    monkeypatch.setattr(storage, "REMOVAL_SECONDS", 0.01)
    monkeypatch.setattr("shutil.rmtree", refuse)
    with pytest.raises(OSError, match="not empty"):
        storage.remove(tmp_path.as_uri())


@pytest.mark.parametrize("uri", ["nowhere://x", "s3://x/y", "http://x/y"])
def test_another_scheme_names_those_that_can_be_used(uri):
    for ask in (storage.exists, storage.local_path):
        with pytest.raises(BadInput, match=f"{uri} cannot be read: .* file:// or a gs://"):
            ask(uri)


@pytest.mark.parametrize("scheme", ["file://", "memory://", ""])
def test_two_colons_are_part_of_a_name(tmp_path, scheme):
    uri = f"{scheme}{tmp_path}/a::b"
    storage.write_bytes(f"{uri}/Bach::Prelude.mid", b"x")
    assert storage.names(uri) == ["Bach::Prelude.mid"]
    assert storage.read_bytes(f"{uri}/Bach::Prelude.mid") == b"x"
    storage.remove(uri)
    assert not storage.exists(uri)
