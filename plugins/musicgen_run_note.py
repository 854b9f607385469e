"""A listener of the scheduler: the note of a finished run says in one line what happened."""

from airflow.listeners import hookimpl
from sqlalchemy.orm import object_session

DAG_PREFIX = "musicgen_"
OUTCOME_TASK = "report_outcome"
FAILURE_KEY = "failure"


@hookimpl
def on_dag_run_success(dag_run, msg):
    """Note what the run came to."""
    if dag_run.dag_id.startswith(DAG_PREFIX):
        _note(dag_run, [value for _, value in _xcoms(dag_run, "return_value", OUTCOME_TASK)])


@hookimpl
def on_dag_run_failed(dag_run, msg):
    """Note which tasks failed, and the sentence that each left."""
    if dag_run.dag_id.startswith(DAG_PREFIX):
        sentences = dict(_xcoms(dag_run, FAILURE_KEY))
        instances = dag_run.get_task_instances(["failed"], session=object_session(dag_run))
        failed = sorted({instance.task_id for instance in instances})
        _note(dag_run, [f"{task}: {sentences.get(task, 'see its log')}" for task in failed])


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
