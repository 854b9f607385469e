"""A listener of the scheduler: the note of a finished run says in one line what happened."""

from airflow.listeners import hookimpl
from sqlalchemy.orm import object_session

DAG_PREFIX = "musicgen_"
OUTCOME_TASK = "report_outcome"
FAILURE_KEY = "failure"
REPORT_TASK, REPORT_KEY = "data.analyse_dataset", "report_url"


@hookimpl
def on_dag_run_success(dag_run, msg):
    """Note what the run came to, and where the corpus report is."""
    if dag_run.dag_id.startswith(DAG_PREFIX):
        outcome = [value for _, value in _xcoms(dag_run, "return_value", OUTCOME_TASK)]
        _note(dag_run, outcome + _report(dag_run))


@hookimpl
def on_dag_run_failed(dag_run, msg):
    """Note which tasks failed, and the sentence that each left."""
    if dag_run.dag_id.startswith(DAG_PREFIX):
        sentences = dict(_xcoms(dag_run, FAILURE_KEY))
        instances = dag_run.get_task_instances(["failed"], session=object_session(dag_run))
        failed = sorted({instance.task_id for instance in instances})
        lines = [f"{task}: {sentences.get(task, 'see its log')}" for task in failed]
        _note(dag_run, lines + _report(dag_run))


def _report(dag_run):
    """Return a line with a link to the corpus report, if the run made one."""
    found = _xcoms(dag_run, REPORT_KEY, REPORT_TASK)
    # A blank line before it, since notes are shown as Markdown.
    return [f"\n[What is in the corpus]({url})" for _, url in found]


def _note(dag_run, lines):
    """Write the lines, unless a person has written a note of their own."""
    if lines and not dag_run.note:
        dag_run.note = "\n".join(lines)


def _xcoms(dag_run, key, task_id=None):
    """Return task ids and values of a run's XComs, read in the scheduler's own session."""
    from airflow.models.xcom import XComModel

    query = XComModel.get_many(
        run_id=dag_run.run_id, dag_ids=dag_run.dag_id, task_ids=task_id, key=key
    )
    found = object_session(dag_run).scalars(query)
    return [(row.task_id, XComModel.deserialize_value(row)) for row in found]
