import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import musicgen_alerts
import pytest
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

INSTANCE = SimpleNamespace(dag_id="musicgen_pipeline", task_id="data.ingest", run_id="manual__1")
CONTEXT = {"ti": INSTANCE, "exception": ValueError("<No corpus>\nmore")}
SAID = "musicgen_pipeline: data.ingest failed in manual__1.\n<No corpus>"


def connection(kind, **fields):
    return Connection(conn_id=f"musicgen_{kind}", conn_type=kind, **fields)


@pytest.fixture
def connections(monkeypatch):
    found = {}

    def get(connection_id):
        if connection_id not in found:
            raise AirflowNotFoundException(connection_id)
        return found[connection_id]

    monkeypatch.setattr(musicgen_alerts.BaseHook, "get_connection", get)
    return found


@pytest.fixture
def slack():
    """A server that keeps what is posted to it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.posted.append((self.path, json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.posted = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_without_connections_nothing_is_sent(connections):
    musicgen_alerts.alert(CONTEXT)


def test_slack_is_told_what_failed_and_why(connections, slack):
    address = f"http://127.0.0.1:{slack.server_port}/services/T/B/secret"
    connections["musicgen_slack"] = Connection(
        conn_id="musicgen_slack", conn_type="http", password=address
    )
    musicgen_alerts.alert(CONTEXT)
    title = "*musicgen: musicgen_pipeline: data.ingest failed*"
    assert slack.posted == [("/services/T/B/secret", {"text": f"{title}\n{SAID}"})]


def test_mail_goes_to_those_whom_the_connection_names(connections, monkeypatch):
    from airflow.providers.smtp.notifications import smtp

    sent = {}

    class Hook:
        def __init__(self, **_):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def send_email_smtp(self, **mail):
            sent.update(mail)

    monkeypatch.setattr(smtp, "SmtpHook", Hook)
    extra = json.dumps({"from_email": "a@x", "to": "b@y"})
    connections["musicgen_smtp"] = Connection(
        conn_id="musicgen_smtp", conn_type="smtp", host="x", extra=extra
    )
    musicgen_alerts.alert(CONTEXT)
    assert (sent["to"], sent["from_email"]) == ("b@y", "a@x")
    assert sent["html_content"].endswith("manual__1.<br>&lt;No corpus&gt;")


def test_one_that_cannot_be_reached_keeps_no_secret_and_holds_up_nobody(
    connections, slack, monkeypatch, caplog
):
    address = "http://127.0.0.1:9/secret"
    connections["musicgen_slack"] = Connection(
        conn_id="musicgen_slack", conn_type="http", password=address
    )
    connections["musicgen_smtp"] = connection("smtp", extra="{}")
    musicgen_alerts.alert(CONTEXT)
    assert "musicgen_slack was not told" in caplog.text
    assert "musicgen_smtp was not told" in caplog.text
    assert "secret" not in caplog.text
