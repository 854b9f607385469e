from types import SimpleNamespace

import musicgen_alerts
import pytest
import receivers
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

INSTANCE = SimpleNamespace(dag_id="musicgen_pipeline", task_id="data.ingest", run_id="manual__1")
CONTEXT = {"ti": INSTANCE, "exception": ValueError("<No corpus>\nmore")}
SAID = "musicgen_pipeline: data.ingest failed in manual__1.\n<No corpus>"


@pytest.fixture
def connections(monkeypatch):
    found = {}

    def get(connection_id):
        if connection_id not in found:
            raise AirflowNotFoundException(connection_id)
        return found[connection_id]

    monkeypatch.setattr(musicgen_alerts.BaseHook, "get_connection", staticmethod(get))
    return found


def test_without_connections_nothing_is_sent(connections):
    musicgen_alerts.alert(CONTEXT)


def test_mail_and_slack_tell_what_failed_and_why(connections):
    with receivers.mailbox() as mailbox, receivers.slack() as slack:
        for fields in receivers.connections(mailbox, slack):
            name = fields.pop("connection_id")
            connections[name] = Connection(conn_id=name, **fields)
        musicgen_alerts.alert(CONTEXT)
    title = "musicgen: musicgen_pipeline: data.ingest failed"
    assert slack.posted == [(receivers.SLACK_PATH, {"text": f"*{title}*\n{SAID}"})]
    (mail,) = mailbox.messages
    assert (mail["To"], mail["From"], mail["Subject"]) == ("people@y", "airflow@x", title)
    (body,) = mail.get_payload()
    assert "manual__1.<br>&lt;No corpus&gt;" in body.get_payload(decode=True).decode()


def test_one_that_cannot_be_reached_keeps_no_secret_and_holds_up_nobody(connections, caplog):
    connections["musicgen_slack"] = Connection(
        conn_id="musicgen_slack", conn_type="http", password="http://127.0.0.1:9/secret"
    )
    connections["musicgen_smtp"] = Connection(conn_id="musicgen_smtp", conn_type="smtp", extra="{}")
    musicgen_alerts.alert(CONTEXT)
    assert "musicgen_slack was not told" in caplog.text
    assert "musicgen_smtp was not told" in caplog.text
    assert "secret" not in caplog.text
