import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import healthy
import pytest


@pytest.fixture
def url():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            told = {"scheduler": {"status": "healthy"}, "triggerer": {"status": "unhealthy"}}
            self.send_response(200 if self.path == "/health" else 503)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/health"
        server.shutdown()


def test_an_answer_is_health_unless_a_component_says_otherwise(url):
    assert healthy.main(url) == 0
    assert healthy.main(url, "scheduler") == 0
    assert healthy.main(url, "triggerer") == 1
    assert healthy.main(url, "dag_processor") == 1
    assert healthy.main(f"{url}/away") == 1
    assert healthy.main("http://127.0.0.1:1/") == 1
