"""Order in the bucket as Airflow sees it: once a day, what nobody needs goes."""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, Param, dag, task
from musicgen_alerts import alert
from musicgen_launcher import runtime
from musicgen_operators import MusicgenStageOperator
from musicgen_upkeep_tasks import remove_leftovers, report_housekeeping, wait_for_quiet

DAILY = CronTriggerTimetable("0 2 * * *", timezone="UTC")

DOC = """
### Order in the bucket

**For musicians.** Nothing to do here: every night, what is old and needed by no champion goes.

**For engineers.** `sweep_bucket` deletes versions, trainings, evaluations, datasets and corpora
that are older than *days*, but never what a champion stands on, nor the version before it, nor the
one that a rollback leads to, nor the *newest* versions of a family; it waits for another day while
a pipeline run is under way. `compare_registries` fails, which raises the alarm, if MLflow's alias
`champion` and the bucket's pointer name different versions; with *mend* it sets MLflow right.
`musicgen housekeeping` does the same without Airflow. On Google Cloud `remove_leftovers`
deletes jobs and clusters that bear the label `app=musicgen` and are as old.
"""

PARAMS = {
    "days": Param(
        30,
        type="integer",
        minimum=1,
        title="Keep for days",
        description="Younger things stay, whether they are needed or not.",
    ),
    "newest": Param(
        5,
        type="integer",
        minimum=0,
        title="Newest versions to keep",
        description="Of each family, whatever their age.",
    ),
    "dry_run": Param(
        False,
        type="boolean",
        title="Only say what would go (dry run)",
        description="Delete nothing.",
    ),
    "mend": Param(
        False,
        type="boolean",
        title="Mend MLflow",
        description="Set MLflow's aliases to what the bucket says.",
    ),
}


@dag(
    dag_display_name="Musicgen housekeeping",
    description="Retention, and one truth about champions",
    doc_md=DOC,
    schedule=DAILY,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    params=PARAMS,
    tags=["musicgen"],
    default_args={
        "owner": "musicgen",
        "on_failure_callback": alert,
        "retries": 1,
        "retry_delay": timedelta(seconds=30),
    },
)
def musicgen_housekeeping():
    """Declare tasks and what each hands on to the next."""
    sweep = MusicgenStageOperator(
        task_id="sweep_bucket",
        stage="housekeeping",
        arguments=["sweep", "{{ '--dry-run' if params.dry_run else '' }}"],
        options={"days": "{{ params.days }}", "newest": "{{ params.newest }}"},
        execution_timeout=timedelta(hours=4),
    )
    compare = MusicgenStageOperator(
        task_id="compare_registries",
        stage="housekeeping",
        arguments=["audit", "{{ '--mend' if params.mend else '' }}"],
        execution_timeout=timedelta(minutes=30),
    )
    quiet = task(wait_for_quiet)()
    quiet >> sweep
    if runtime() == "gcp":
        task(remove_leftovers)()
    report = task(report_housekeeping, task_id="report_outcome")
    # A teardown says what went whatever failed, and leaves the run as red as that made it.
    report(quiet, sweep.output, compare.output).as_teardown()


musicgen_housekeeping()
