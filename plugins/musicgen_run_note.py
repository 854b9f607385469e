"""A listener of the scheduler: the note of a finished run says in one line what happened."""

from airflow.listeners import hookimpl
from sqlalchemy.orm import object_session

DAG_PREFIX = "musicgen_"
OUTCOME_TASK = "report_outcome"
FAILURE_KEY = "failure"
REPORT_TASK, REPORT_KEY = "data.analyse_dataset", "report_url"
MOST_CHARACTERS = 1000
"""What Airflow's database keeps of a note; PostgreSQL refuses a longer one."""


@hookimpl
def on_dag_run_success(dag_run, msg):
    """Note what the run came to, which trials it went on without, and where the report is."""
    if dag_run.dag_id.startswith(DAG_PREFIX):
        _note(dag_run, _outcome(dag_run) + _failures(dag_run))


@hookimpl
def on_dag_run_failed(dag_run, msg):
    """Note what came of the run all the same, which tasks failed, and what each said."""
    if dag_run.dag_id.startswith(DAG_PREFIX):
        _note(dag_run, _outcome(dag_run) + _failures(dag_run))


def _outcome(dag_run):
    """Return what the last task said, unless that was before the run was cleared."""
    if OUTCOME_TASK not in _tasks(dag_run, "success"):
        return []
    return [said for _, said in _xcoms(dag_run, "return_value", OUTCOME_TASK) if said]


def _failures(dag_run):
    """Return a line for each task that failed, with the sentence that it left."""
    sentences = dict(_xcoms(dag_run, FAILURE_KEY))
    failed = sorted(_tasks(dag_run, "failed"))
    return [f"{task}: {sentences.get(task, 'see its log')}" for task in failed]


def _tasks(dag_run, state):
    """Return the names of the tasks that ended so."""
    instances = dag_run.get_task_instances([state], session=object_session(dag_run))
    return {instance.task_id for instance in instances}


def _note(dag_run, lines):
    """Write what happened, over an earlier end of the run but not over a person's own words."""
    found = dag_run.dag_run_note
    said, report = "\n".join(lines), _report(dag_run)
    if (said or report) and (found is None or found.user_id is None):
        dag_run.note = said[: MOST_CHARACTERS - len(report)] + report


def _report(dag_run):
    """Return a link to the corpus report, if the run made one."""
    # A blank line before it, since notes are shown as Markdown.
    found = _xcoms(dag_run, REPORT_KEY, REPORT_TASK)
    return "".join(f"\n\n[What is in the corpus]({url})" for _, url in found)


def _xcoms(dag_run, key, task_id=None):
    """Return task ids and values of a run's XComs, read in the scheduler's own session."""
    from airflow.models.xcom import XComModel

    query = XComModel.get_many(
        run_id=dag_run.run_id, dag_ids=dag_run.dag_id, task_ids=task_id, key=key
    )
    found = object_session(dag_run).scalars(query)
    return [(row.task_id, XComModel.deserialize_value(row)) for row in found]
