"""Where alarms go: a server that takes mail, and one that takes what is posted to Slack."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from aiosmtpd.controller import Controller

HOST = "127.0.0.1"
SLACK_PATH = "/services/T/B/secret"


class Mailbox:
    """Keeps what comes by SMTP.

    Attributes:
        port: where it listens.
        messages: what came, the oldest first.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.messages: list[Message] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        """Take a message."""
        self.messages.append(message_from_bytes(envelope.content))
        return "250 OK"


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Run a mail server that takes everything."""
    with socket.socket() as probe:  # the controller has to be told a port
        probe.bind((HOST, 0))
        box = Mailbox(probe.getsockname()[1])
    controller = Controller(box, HOST, box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@contextmanager
def slack() -> Iterator[HTTPServer]:
    """Run a server whose ``posted`` holds the path and the document of each message."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.posted.append((self.path, json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer((HOST, 0), Handler) as server:
        server.posted = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def connections(mailbox: Mailbox, slack: HTTPServer) -> list[dict[str, Any]]:
    """Return Airflow's connections to both, as its REST API takes them."""
    extra = {"from_email": "airflow@x", "to": "people@y", "disable_ssl": True, "disable_tls": True}
    mail = {"conn_type": "smtp", "host": HOST, "port": mailbox.port, "extra": json.dumps(extra)}
    address = f"http://{HOST}:{slack.server_port}{SLACK_PATH}"
    return [
        {"connection_id": "musicgen_smtp", **mail},
        {"connection_id": "musicgen_slack", "conn_type": "http", "password": address},
    ]
