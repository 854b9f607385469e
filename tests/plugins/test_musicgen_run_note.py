from types import SimpleNamespace

import musicgen_run_note
import pytest
from musicgen_run_note import on_dag_run_failed, on_dag_run_success


class Run:
    """A finished run of the pipeline, of which Airflow keeps these XComs."""

    dag_id = "musicgen_pipeline"

    def __init__(self, xcoms, note=None, author=None, failed=(), succeeded=("report_outcome",)):
        self.xcoms = xcoms
        self.note = note
        self.dag_run_note = SimpleNamespace(user_id=author) if note else None
        self.tasks = {"failed": failed, "success": succeeded}

    def get_task_instances(self, states, session):
        return [SimpleNamespace(task_id=task) for state in states for task in self.tasks[state]]


@pytest.fixture(autouse=True)
def airflows_database(monkeypatch):
    def xcoms(dag_run, key, task_id=None):
        found = dag_run.xcoms.get(key, {}).items()
        return [(task, value) for task, value in found if task_id in (None, task)]

    monkeypatch.setattr(musicgen_run_note, "_xcoms", xcoms)
    monkeypatch.setattr(musicgen_run_note, "object_session", lambda _: None)


REPORT = {"report_url": {"data.analyse_dataset": "http://a/report"}}
LINK = "\n\n[What is in the corpus](http://a/report)"


def finished(outcome, failure=(), **known):
    xcoms = {"return_value": {"report_outcome": outcome}, "failure": dict(failure), **REPORT}
    run = Run(xcoms, **known)
    on_dag_run_success(run, "")
    return run.note


def test_a_run_that_came_to_its_end_says_to_which():
    assert finished("lstm-1 promoted: why.") == f"lstm-1 promoted: why.{LINK}"


def test_a_run_that_went_on_without_a_trial_says_why():
    note = finished("gan-1 promoted: why.", {"train": "No number."}, failed=("train", "train"))
    assert note == f"gan-1 promoted: why.\ntrain: No number.{LINK}"


def test_a_run_that_failed_says_where_and_why():
    run = Run({"failure": {"a": "No room."}}, failed=("a", "b"))
    on_dag_run_failed(run, "")
    assert run.note == "a: No room.\nb: see its log"


def test_a_run_that_failed_says_too_what_came_of_it_unless_that_is_of_an_earlier_end():
    xcoms = {"return_value": {"report_outcome": "2 deleted"}, "failure": {"compare": "No."}}
    run, cleared = (Run(xcoms, failed=("compare",), succeeded=s) for s in (["report_outcome"], []))
    on_dag_run_failed(run, "")
    on_dag_run_failed(cleared, "")
    assert (run.note, cleared.note) == ("2 deleted\ncompare: No.", "compare: No.")


def test_a_note_is_no_longer_than_airflow_keeps_and_its_link_is_whole():
    note = finished("long " * 1000)
    assert len(note) == 1000
    assert note.endswith(LINK)


def test_a_cleared_run_has_its_latest_end_but_what_a_person_wrote_stays():
    assert finished("new", note="old") == f"new{LINK}"
    assert finished("new", note="mine", author="ada") == "mine"


def test_other_dags_are_left_alone():
    run = Run({"return_value": {"report_outcome": "done"}})
    run.dag_id = "another"
    on_dag_run_success(run, "")
    assert run.note is None
