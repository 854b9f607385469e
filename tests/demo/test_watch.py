from pathlib import Path

from musicgen.demo.watch import failure, in_order, log_path

INSTANCE = {
    "dag_id": "d",
    "dag_run_id": "r",
    "task_id": "training.train_lstm",
    "map_index": 1,
    "try_number": 2,
    "state": "failed",
    "start_date": "2",
}


def test_the_log_is_where_airflow_writes_it():
    path = log_path(INSTANCE, Path("/logs"))
    expected = "/logs/dag_id=d/run_id=r/task_id=training.train_lstm/map_index=1/attempt=2.log"
    assert str(path) == expected


def test_a_failure_names_task_log_and_note_and_nothing_that_only_followed():
    others = [{**INSTANCE, "task_id": "later", "state": "upstream_failed"}]
    text = str(failure([INSTANCE, *others], {"dag_run_id": "r", "note": "train: no disk"}, Path()))
    assert "training.train_lstm failed" in text
    assert "attempt=2.log" in text
    assert "train: no disk" in text
    assert "later" not in text


def test_tasks_are_in_the_order_in_which_they_began():
    waiting = {**INSTANCE, "start_date": None, "task_id": "waiting"}
    first = {**INSTANCE, "start_date": "1", "task_id": "first"}
    names = [each["task_id"] for each in in_order([waiting, INSTANCE, first])]
    assert names == ["first", "training.train_lstm", "waiting"]
