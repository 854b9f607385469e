"""The way back as Airflow sees it: pick a version from the ledger, approve, flip, verify."""

from datetime import timedelta

from airflow.sdk import Param, TriggerRule, dag, task
from musicgen_alerts import alert
from musicgen_operators import MusicgenStageOperator
from musicgen_questions import MusicgenVersionOperator, answer_of
from musicgen_upkeep_tasks import report_rollback

DOC = """
### The champion disappoints: put an earlier one back on stage

**For musicians.** Press *Trigger*. Under *Required Actions* the versions that led before are
waiting: click the one that shall play again, and a minute later it does.

**For engineers.** The choice comes from the channel's ledger. The chosen version first plays ten
pieces in a fresh process; then the pointer moves by compare-and-swap, provided that the champion is
still the one that was shown; then the live API is made to play and must answer with that version.
The version that was left does not return by itself: a later promotion passes it over until
somebody rolls forward to it here. `musicgen rollback` does the same without Airflow.
"""

CHOICE_BODY = """
{% set past = ti.xcom_pull(task_ids="read_ledger") %}
**{{ past.champion }}** leads {{ past.channel }}. Before it:

| version | score | since | why |
|---|---|---|---|
{% for one in past.versions if one.version != past.champion -%}
| {{ one.version }} | {{ "%.3f" | format(one.score) }} | {{ one.since }} \
| {{ one.reason | replace("|", "/") }}{{ " (was rolled back)" if one.withdrawn else "" }} |
{% endfor %}
"""

PARAMS = {
    "channel": Param(
        "overall",
        type="string",
        enum=["overall", "lstm", "gan"],
        title="Whose champion",
        description="overall is what the API plays when no family is named.",
    ),
    "version": Param(
        None,
        type=["null", "string"],
        pattern="^(lstm|gan)-[1-9][0-9]*$",
        title="Version",
        description="Such as lstm-3; leave it empty to choose among all that led before.",
    ),
    "reason": Param(
        None,
        type=["null", "string"],
        maxLength=300,
        title="Why",
        description="For the ledger.",
    ),
}


@dag(
    dag_display_name="Musicgen rollback",
    description="Put an earlier champion back on stage",
    doc_md=DOC,
    schedule=None,
    max_active_runs=1,
    is_paused_upon_creation=False,
    params=PARAMS,
    tags=["musicgen"],
    default_args={
        "owner": "musicgen",
        "on_failure_callback": alert,
        "retries": 2,
        "retry_delay": timedelta(seconds=10),
    },
)
def musicgen_rollback():
    """Declare tasks and what each hands on to the next."""
    channel = "{{ params.channel }}"
    ledger = MusicgenStageOperator(
        task_id="read_ledger",
        stage="ledger",
        options={"channel": channel},
        execution_timeout=timedelta(minutes=10),
    )
    choose = MusicgenVersionOperator(
        task_id="choose_version",
        history=ledger.output,
        wanted="{{ params.version or '' }}",
        subject="Which version shall lead again?",
        body=CHOICE_BODY,
        response_timeout=timedelta(days=1),
    )
    flip = MusicgenStageOperator(
        task_id="flip_champion",
        stage="rollback",
        arguments=[choose.output],
        options={
            "channel": channel,
            "leaving": ledger.output["champion"],
            "reason": "{{ params.reason or '' }}",
        },
        environment=answer_of("choose_version"),
        execution_timeout=timedelta(minutes=30),
    )
    verify = MusicgenStageOperator(
        task_id="verify_serving",
        stage="verify-serving",
        options={"channel": channel},
        execution_timeout=timedelta(minutes=10),
    )
    flip >> verify
    report = task(report_rollback, task_id="report_outcome", trigger_rule=TriggerRule.NONE_FAILED)
    report(ledger.output, flip.output, verify.output)


musicgen_rollback()
