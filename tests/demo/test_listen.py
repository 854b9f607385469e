import http.server
import threading

import pytest

from musicgen.demo.listen import listen
from musicgen.errors import MusicgenError


@pytest.fixture
def api():
    """An HTTP server that answers every request with the version it holds, and remembers it."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.server.asked.append((self.path, self.headers["Accept"]))
            self.send_response(self.server.status)
            self.send_header("X-Musicgen-Version", "lstm-3")
            self.end_headers()
            self.wfile.write(self.headers["Accept"].encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.status = [], 200
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def url(server):
    return f"http://127.0.0.1:{server.server_port}"


def test_the_champion_is_loaded_played_and_saved(api, tmp_path):
    piece = listen(url(api), "lstm-3", tmp_path / "demo")
    assert [path for path, _ in api.asked] == ["/v1/models/reload", *["/v1/generate"] * 2]
    assert [path.suffix for path in piece.paths] == [".mid", ".wav"]
    assert [path.read_text() for path in piece.paths] == ["audio/midi", "audio/wav"]


def test_music_by_another_version_is_a_failure(api, tmp_path):
    with pytest.raises(MusicgenError, match="plays lstm-3, but the champion is gan-1"):
        listen(url(api), "gan-1", tmp_path)


def test_a_refusal_is_quoted(api, tmp_path):
    api.status = 503
    with pytest.raises(MusicgenError, match="/v1/models/reload"):
        listen(url(api), "lstm-3", tmp_path)
