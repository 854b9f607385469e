import io
from datetime import UTC, datetime

from rich.console import Console

from musicgen.demo.task_table import TaskRow, display, task_rows

NOW = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)


def instance(task_id, state, start=None, end=None, map_index=-1, name=None):
    return {
        "task_id": task_id,
        "state": state,
        "start_date": start,
        "end_date": end,
        "map_index": map_index,
        "rendered_map_index": name,
    }


def test_rows_tell_name_state_time_and_progress():
    instances = [
        instance("read_request", "success", "2026-11-22T12:00:00Z", "2026-11-22T12:00:02Z"),
        instance(
            "training.train_gan", "running", "2026-11-22T12:00:10Z", None, 0, "quick, trial 0"
        ),
        instance("training.train_lstm", None, map_index=0),
    ]
    details = {("gan", 0): "epoch 1 of 8", ("gan", 1): "epoch 2", ("lstm", 0): "epoch 8"}
    assert task_rows(instances, details, NOW) == [
        TaskRow("read_request", "success", 2.0),
        TaskRow("training.train_gan", "running", 20.0, "epoch 1 of 8"),
        TaskRow("training.train_lstm", "waiting"),
    ]


def test_several_trials_are_told_apart_by_name_or_while_waiting_by_number():
    trials = [
        instance("train", "running", None, None, 0, "quick, trial 0"),
        instance("train", "up_for_retry", None, None, 1, "1"),
        instance("train", None, None, None, 2, None),
    ]
    names = [row.name for row in task_rows(trials, {}, NOW)]
    assert names == ["train (quick, trial 0)", "train (trial 1)", "train (trial 2)"]


def shown(console, *tables):
    with display(console) as found:
        for rows in tables:
            found.show(rows)
    return console.file.getvalue()


def test_without_a_terminal_each_change_is_one_line():
    console = Console(file=io.StringIO(), force_terminal=False)
    text = shown(
        console,
        [TaskRow("a", "running", 1.0), TaskRow("b", "waiting")],
        [TaskRow("a", "running", 2.0), TaskRow("b", "waiting")],
        [TaskRow("a", "running", 3.0, "epoch 1 of 2"), TaskRow("b", "waiting")],
        [TaskRow("a", "success", 4.0), TaskRow("b", "skipped")],
    )
    assert text.splitlines() == [
        "a: running 1 s",
        "a: running 3 s epoch 1 of 2",
        "a: success 4 s",
        "b: skipped",
    ]


def test_on_a_terminal_there_is_a_table_with_every_task():
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    text = shown(console, [TaskRow("a", "running", 1.0, "epoch 1 of 2"), TaskRow("b", "waiting")])
    for words in ("task", "running", "epoch 1 of 2", "waiting"):
        assert words in text
