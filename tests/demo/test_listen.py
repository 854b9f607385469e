import http.server
import json
import threading

import pytest

from musicgen.demo.listen import listen
from musicgen.errors import MusicgenError


@pytest.fixture
def api():
    """An HTTP server that answers every request with the version it holds, and remembers it."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(self.server.options).encode())

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.server.asked.append((self.path, json.loads(body or b"{}").get("composer")))
            self.send_response(self.server.status)
            self.send_header("X-Musicgen-Version", "lstm-3")
            self.end_headers()
            self.wfile.write(self.headers["Accept"].encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.status = [], 200
    server.options = {
        "families": [
            {"is_champion": False, "composers": ["unknown", "Abel"]},
            {"is_champion": True, "composers": ["unknown", "Bach", "Weber"]},
        ]
    }
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def url(server):
    return f"http://127.0.0.1:{server.server_port}"


def test_the_champion_is_loaded_played_and_saved(api, tmp_path):
    piece = listen(url(api), "lstm-3", tmp_path / "demo")
    assert api.asked == [("/v1/models/reload", None), *[("/v1/generate", "Bach")] * 2]
    assert [path.suffix for path in piece.paths] == [".mid", ".wav"]
    assert [path.read_text() for path in piece.paths] == ["audio/midi", "audio/wav"]


def test_a_corpus_without_composers_can_be_heard_too(api, tmp_path):
    api.options = {"families": [{"is_champion": True, "composers": ["unknown"]}]}
    listen(url(api), "lstm-3", tmp_path)
    assert api.asked[-1] == ("/v1/generate", "unknown")


def test_music_by_another_version_is_a_failure(api, tmp_path):
    with pytest.raises(MusicgenError, match="plays lstm-3, but the champion is gan-1"):
        listen(url(api), "gan-1", tmp_path)


def test_an_api_without_a_champion_is_no_traceback(api, tmp_path):
    api.options = {"families": []}
    listen(url(api), "lstm-3", tmp_path)
    assert api.asked[-1] == ("/v1/generate", "unknown")


def test_an_api_that_is_gone_is_named(tmp_path):
    with pytest.raises(MusicgenError, match=r"http://127\.0\.0\.1:1 does not answer"):
        listen("http://127.0.0.1:1", "lstm-3", tmp_path)


def test_a_refusal_is_quoted(api, tmp_path):
    api.status = 503
    with pytest.raises(MusicgenError, match="/v1/models/reload"):
        listen(url(api), "lstm-3", tmp_path)
