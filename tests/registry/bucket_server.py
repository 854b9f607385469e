"""A bucket server of a few lines that keeps generation preconditions, as emulators do not."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


class BucketServer(ThreadingHTTPServer):
    """Serves uploads and downloads of whole objects by Google Cloud Storage's JSON API.

    Attributes:
        objects: content and generation by name.
        lose_answers: of so many uploads the answer is an error although they were taken.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, tuple[bytes, int]] = {}
        self.lock = threading.Lock()
        self.lose_answers = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name = unquote(urlsplit(self.path).path.rpartition("/o/")[2])
        found = self.server.objects.get(name)
        if found is None:
            self._answer(404, b"{}")
        else:
            self._answer(200, found[0], {"X-Goog-Generation": str(found[1])})

    def do_POST(self):
        expected = int(parse_qs(urlsplit(self.path).query)["ifGenerationMatch"][0])
        body = self.rfile.read(int(self.headers["Content-Length"]))
        boundary = re.search(r'boundary="?([^";]+)', self.headers["Content-Type"])[1].encode()
        _, described, content, _ = body.split(b"--" + boundary)
        name = json.loads(described.partition(b"\r\n\r\n")[2])["name"]
        data = content.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
        with self.server.lock:
            _, generation = self.server.objects.get(name, (b"", 0))
            if generation != expected:
                self._answer(412, b"{}")
                return
            # Generations on the real service are large and have gaps.
            self.server.objects[name] = (data, generation + 1_000_003)
            lost, self.server.lose_answers = self.server.lose_answers, 0
        if lost:
            self._answer(503, b"{}")
        else:
            self._answer(200, json.dumps({"name": name}).encode())

    def _answer(self, status, body, headers=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""
