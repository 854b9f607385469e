"""Airflow's part of a deferred task, without Airflow's services: defer, wait, resume, kill."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException, TaskDeferred
from airflow.sdk.module_loading import import_string
from musicgen_operators import MusicgenStageOperator

WAIT_SECONDS = 600


@dataclass
class Instance:
    """A task instance as far as operators look at it."""

    run_id: str = "manual__1"
    task_id: str = "data.stage"
    dag_id: str = "musicgen_pipeline"
    map_index: int = -1
    try_number: int = 1
    pushed: dict[str, Any] = field(default_factory=dict)

    def xcom_push(self, key, value):
        self.pushed[key] = value


def deferred(operator: MusicgenStageOperator, instance: Instance) -> TaskDeferred:
    """Run a task up to its deferral."""
    try:
        operator.execute({"ti": instance})
    except TaskDeferred as deferral:
        return deferral
    raise AssertionError("The task was not deferred.")


def resume(operator: MusicgenStageOperator, deferral: TaskDeferred, instance: Instance) -> Any:
    """Wait as the triggerer does, in a trigger made from what was stored; then end the task."""
    event = event_of(stored(deferral))
    method = getattr(operator, deferral.method_name)
    return method({"ti": instance}, event=event, **deferral.kwargs)


def run(operator: MusicgenStageOperator, instance: Instance) -> Any:
    """Run a task to its end."""
    return resume(operator, deferred(operator, instance), instance)


def kill(deferral: TaskDeferred) -> None:
    """Do what the triggerer does when a person ends the task.

    It gives connections to the task that runs a trigger, and to threads; this is a task of its own.
    """
    find = BaseHook.get_connection

    def get_connection(name):
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return find(name)
        raise AirflowNotFoundException(f"The conn_id `{name}` isn't defined")

    with mock.patch.object(BaseHook, "get_connection", staticmethod(get_connection)):
        asyncio.run(stored(deferral).on_kill())


def stored(deferral: TaskDeferred) -> Any:
    """Return the trigger as another process would make it from the database."""
    name, arguments = deferral.trigger.serialize()
    return import_string(name)(**arguments)


def event_of(trigger: Any) -> Any:
    """Wait for a trigger's first event."""
    return asyncio.run(asyncio.wait_for(_first_event(trigger), WAIT_SECONDS))


async def _first_event(trigger) -> Any:
    async for event in trigger.run():
        return event.payload


def wait_for(condition, seconds=30) -> None:
    """Wait until a condition holds; fail if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)


def run_any(operator: Any, instance: Instance) -> Any:
    """Run a task of any operator to its end, whether it defers or not."""
    context = {"ti": instance, "task_instance": instance, "task": operator}
    try:
        return operator.execute(context)
    except TaskDeferred as deferral:
        event = event_of(stored(deferral))
        method = getattr(operator, deferral.method_name)
        return method(context, event=event, **(deferral.kwargs or {}))
