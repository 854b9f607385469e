"""Alarms: a task that failed for good tells people, by whichever connections there are."""

import logging
from typing import Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

log = logging.getLogger(__name__)

SMTP, SLACK = "musicgen_smtp", "musicgen_slack"
TIMEOUT_SECONDS = 10


def alert(context: Any) -> None:
    """Send what failed and why, by mail and to Slack; one that fails does not keep the other.

    ``musicgen_smtp`` is a connection of type SMTP whose extra names ``from_email`` and ``to``;
    ``musicgen_slack`` holds an incoming webhook's address as its password. Without a connection
    nothing is sent.
    """
    subject, text = _message(context)
    for connection_id, send in ((SMTP, _mail), (SLACK, _post)):
        try:
            connection = BaseHook.get_connection(connection_id)
        except AirflowNotFoundException:
            continue
        try:
            send(connection, subject, text, context)
            log.info("Told %s", connection_id)
        except Exception as error:
            # An address may hold a secret, and an error may quote the address.
            log.warning("%s was not told (%s)", connection_id, type(error).__name__)


def _message(context: Any) -> tuple[str, str]:
    instance = context["ti"]
    task = f"{instance.dag_id}: {instance.task_id}"
    cause = context.get("exception")
    words = str(cause).partition("\n")[0] if cause else "It was ended from outside."
    return f"musicgen: {task} failed", f"{task} failed in {instance.run_id}.\n{words}"


def _mail(connection: Any, subject: str, text: str, context: Any) -> None:
    import html

    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    extra = connection.extra_dejson
    SmtpNotifier(
        to=extra["to"],
        from_email=extra.get("from_email"),
        subject=subject,
        html_content=html.escape(text).replace("\n", "<br>"),
        smtp_conn_id=SMTP,
    ).notify(context)


def _post(connection: Any, subject: str, text: str, context: Any) -> None:
    import httpx

    document = {"text": f"*{subject}*\n{text}"}
    httpx.post(connection.password, json=document, timeout=TIMEOUT_SECONDS).raise_for_status()
