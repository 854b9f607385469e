"""The operator of stages: it assigns in ``__init__`` and delegates in ``execute``."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException
from musicgen_launcher import Launcher, launcher
from musicgen_links import LINKS

from musicgen.errors import BadInput
from musicgen.stages import StageFailed

FAILURE_KEY = "failure"
DEFAULT_TIME_LIMIT = timedelta(hours=24)


class MusicgenStageOperator(BaseOperator):
    """Run one stage of musicgen and return the JSON object that it prints.

    Each key of the object is pushed as an XCom of its own too, so ``task.output["dataset_uri"]``
    can be handed on. A failure leaves its sentence in the XCom ``failure``.

    Args:
        stage: sub-command of ``musicgen``.
        arguments: positional arguments; lists among them are flattened. Templated.
        options: values by name of long option without dashes: a list repeats the option, and
            nothing is passed for None or an empty string. Templated.
        environment: added to the stage's environment. Templated.
    """

    template_fields = ("arguments", "options", "environment")
    template_fields_renderers: ClassVar = dict.fromkeys(template_fields, "json")
    ui_color = "#e8f0ea"
    operator_extra_links = LINKS["train"]  # of mapped tasks, which are all trainings

    def __init__(
        self,
        *,
        stage: str,
        arguments: Sequence[Any] = (),
        options: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(multiple_outputs=True, **kwargs)
        self.stage = stage
        self.arguments = arguments
        self.options = options or {}
        self.environment = environment or {}
        self.operator_extra_links = LINKS.get(stage, ())
        self.result: dict[str, Any] | None = None
        self._launcher: Launcher | None = None

    def execute(self, context: Context) -> dict[str, Any]:
        """Run the stage; what a second try cannot mend fails the task for good."""
        with self._failures_noted(context):
            self._launcher = self._new_launcher(context)
            self.result = self._launcher.run(self._command(), self.environment, self.log.info)
            return self.result

    def execute_complete(
        self, context: Context, event: dict[str, Any], job_id: str
    ) -> dict[str, Any]:
        """Take the result of a stage that ran elsewhere while this task was deferred."""
        with self._failures_noted(context):
            self.result = self._new_launcher(context).finish(event, job_id)
            return self.result

    def on_kill(self) -> None:
        """End the stage with the task."""
        if self._launcher is not None:
            self._launcher.stop()

    @contextmanager
    def _failures_noted(self, context: Context) -> Iterator[None]:
        """Leave a failure's sentence for the run's note; fail for good if a retry won't help."""
        try:
            yield
        except BadInput as error:
            raise AirflowFailException(noted(context, str(error))) from None
        except StageFailed as error:
            if error.result is None:
                noted(context, error.message)
                raise
            self.result = error.result  # so that there is a link to what it found
            # It came to a result, and that was a no: it would come to the same again.
            raise AirflowFailException(noted(context, _verdict(error))) from None

    def _new_launcher(self, context: Context) -> Launcher:
        limit = self.execution_timeout or DEFAULT_TIME_LIMIT
        return launcher(self.stage, context, int(limit.total_seconds()))

    def _command(self) -> list[str]:
        """Return the stage's command line, each element a string."""
        command = [self.stage, *_flattened(self.arguments)]
        for name, value in self.options.items():
            for one in _flattened([value]):
                command += [f"--{name}", one]
        return command


def _flattened(values: Sequence[Any]) -> list[str]:
    """Return all leaves of nested sequences as strings, mappings as JSON.

    None and empty strings are left out.
    """
    leaves: list[str] = []
    for value in values:
        if isinstance(value, Sequence) and not isinstance(value, str):
            leaves += _flattened(value)
        elif isinstance(value, Mapping):
            leaves.append(json.dumps(value))
        elif value is not None and value != "":
            leaves.append(str(value))
    return leaves


def _verdict(error: StageFailed) -> str:
    """Return which expectations failed, on how many rows; else the stage's last words."""
    failed = (error.result or {}).get("failed")
    if not failed:
        return error.message
    reasons = [
        f"{each['expectation']} ({each['table']}.{each['column']}: {each['unexpected_rows']} rows)"
        for each in failed
    ]
    return f"The dataset is not sound: {'; '.join(reasons)}"


def noted(context: Context, message: str) -> str:
    """Leave the sentence where the run's note is made from; return it."""
    context["ti"].xcom_push(key=FAILURE_KEY, value=message)
    return message
