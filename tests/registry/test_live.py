import dataclasses
import threading

import pytest
import uvicorn
from registry.reigns import crown

from musicgen.errors import BadInput, MusicgenError
from musicgen.registry.live import verify_serving
from musicgen.serving.app import create_app
from musicgen.serving.keys import Keys
from musicgen.settings import settings


@pytest.fixture
def keys(tmp_path):
    """Nobody has a key yet, so the app asks for none."""
    return Keys(tmp_path / "keys.json")


@pytest.fixture
def api_url(tmp_path, keys):
    """The real app, on a port of its own; it looks at the bucket only when it is told to."""
    from musicgen.serving.dependencies import Limits

    crown(tmp_path.as_uri(), "lstm", 1)
    app = create_app(tmp_path.as_uri(), Limits(poll_seconds=3600), tmp_path / "cache", keys)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def test_the_api_plays_the_champion_of_this_moment(api_url, tmp_path):
    bucket = tmp_path.as_uri()
    assert verify_serving(bucket, api_url).version == "lstm-1"
    crown(bucket, "lstm", 2)
    served = verify_serving(bucket, api_url, "lstm")
    assert (served.version, served.generation, served.channel) == ("lstm-2", 2, "lstm")
    assert served.notes > 0


def test_an_api_that_asks_for_keys_gets_ours(api_url, tmp_path, keys, monkeypatch):
    key = keys.add("Ada")
    with pytest.raises(MusicgenError, match="it answered 401"):
        verify_serving(tmp_path.as_uri(), api_url, patience_seconds=0)
    ours = dataclasses.replace(settings(), api_key=key)
    monkeypatch.setattr("musicgen.registry.live.settings", lambda: ours)
    assert verify_serving(tmp_path.as_uri(), api_url).version == "lstm-1"
    assert key not in repr(ours)


def test_an_api_of_another_bucket_is_found_out(api_url, tmp_path):
    other = (tmp_path / "other").as_uri()
    crown(other, "gan", 1)
    with pytest.raises(MusicgenError, match=r"does not play gan-1 .*: lstm-1 of gen"):
        verify_serving(other, api_url, patience_seconds=0)


def test_an_api_that_is_away_is_named(tmp_path):
    crown(tmp_path.as_uri(), "lstm", 1)
    with pytest.raises(MusicgenError, match=r"http://127\.0\.0\.1:9 .*: it cannot be reached"):
        verify_serving(tmp_path.as_uri(), "http://127.0.0.1:9", patience_seconds=0)


def test_waiting_is_told_once(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("musicgen.registry.live.POLL_SECONDS", 0.01)
    crown(tmp_path.as_uri(), "lstm", 1)
    with caplog.at_level("INFO", "musicgen"), pytest.raises(MusicgenError):
        verify_serving(tmp_path.as_uri(), "http://127.0.0.1:9", patience_seconds=1)
    told = [line for line in caplog.messages if "waiting" in line]
    assert len(told) == 1
    assert told[0].startswith("http://127.0.0.1:9: it cannot be reached")
    assert told[0].endswith("waiting up to 1 seconds.")


@pytest.mark.parametrize(
    "address", ["http://[::1", "nonsense", "ftp://localhost", "http://", "http://a..b"]
)
def test_what_is_no_address_is_told(tmp_path, address):
    crown(tmp_path.as_uri(), "lstm", 1)
    with pytest.raises(BadInput, match="is no address of an API"):
        verify_serving(tmp_path.as_uri(), address)
