"""The state of a run's tasks, shown live on a terminal or as lines elsewhere."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from rich.console import Console
from rich.live import Live
from rich.table import Table

STYLES = {
    "success": "green",
    "failed": "bold red",
    "running": "bold cyan",
    "up_for_retry": "yellow",
    "awaiting_input": "magenta",
    "skipped": "dim",
    "upstream_failed": "dim red",
}

UNSAID = ("waiting", "scheduled", "queued")

Details = Mapping[tuple[str, int], str]
"""Progress of trainings, by model family and number of the trial, which its task is mapped by."""


@dataclass(frozen=True)
class TaskRow:
    """One task as it stands.

    Attributes:
        name: task id, with the trial's name where there are several.
        state: Airflow's word for it, or ``waiting``.
        seconds: that it has run, None if it has not begun.
        detail: what is known of its progress.
    """

    name: str
    state: str
    seconds: float | None = None
    detail: str = ""


class Display(Protocol):
    """Shows rows whenever it is given some."""

    def show(self, rows: Sequence[TaskRow]) -> None:
        """Show how the tasks stand now."""


def task_rows(
    instances: Sequence[Mapping[str, Any]], details: Details, now: datetime
) -> list[TaskRow]:
    """Turn Airflow's task instances into rows.

    Args:
        instances: as the REST API tells them.
        details: shown with the trainings that run.
        now: what running tasks are measured to.
    """
    several = {each["task_id"] for each in instances if each["map_index"] > 0}
    return [_row(each, each["task_id"] in several, details, now) for each in instances]


@contextlib.contextmanager
def display(console: Console) -> Iterator[Display]:
    """Give a live table on a terminal, and lines on change elsewhere."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    with Live(console=console, refresh_per_second=4) as live:
        yield _LiveTable(live)


class _LiveTable:
    def __init__(self, live: Live) -> None:
        self._live = live

    def show(self, rows: Sequence[TaskRow]) -> None:
        table = Table("task", "state", "time", "progress", box=None, header_style="bold")
        for row in rows:
            seconds = "" if row.seconds is None else f"{row.seconds:.0f} s"
            table.add_row(row.name, row.state, seconds, row.detail, style=STYLES.get(row.state))
        self._live.update(table)


class _Lines:
    """Says each change once; progress of a training counts as one."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said: dict[str, tuple[str, str]] = {}

    def show(self, rows: Sequence[TaskRow]) -> None:
        for row in rows:
            if row.state in UNSAID or self._said.get(row.name) == (row.state, row.detail):
                continue
            self._said[row.name] = (row.state, row.detail)
            seconds = "" if row.seconds is None else f" {row.seconds:.0f} s"
            line = f"{row.name}: {row.state}{seconds} {row.detail}".rstrip()
            self._console.print(line, highlight=False, markup=False, soft_wrap=True)


def _row(
    instance: Mapping[str, Any], is_one_of_several: bool, details: Details, now: datetime
) -> TaskRow:
    state = instance["state"] or "waiting"
    name = instance["task_id"]
    if is_one_of_several:
        name += f" ({_trial_name(instance)})"
    detail = ""
    if state == "running":
        family = instance["task_id"].rpartition("train_")[2]
        detail = details.get((family, instance["map_index"]), "")
    return TaskRow(name, state, _seconds(instance, now), detail)


def _trial_name(instance: Mapping[str, Any]) -> str:
    """Return the trial's own name; between two tries Airflow has but its number."""
    given = instance.get("rendered_map_index") or ""
    return f"trial {instance['map_index']}" if given.isdecimal() or not given else given


def _seconds(instance: Mapping[str, Any], now: datetime) -> float | None:
    if not instance["start_date"]:
        return None
    end = _time(instance["end_date"]) if instance["end_date"] else now
    return max(0.0, (end - _time(instance["start_date"])).total_seconds())


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
