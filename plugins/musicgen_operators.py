"""The operators of musicgen's DAGs: each assigns in ``__init__`` and delegates in ``execute``."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from musicgen_launcher import Launcher, launcher
from musicgen_links import LINKS

from musicgen.errors import BadInput
from musicgen.stages import ANSWER, StageFailed

ANSWER_KEY = "answer"
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
            raise AirflowFailException(_noted(context, str(error))) from None
        except StageFailed as error:
            if error.result is None:
                _noted(context, error.message)
                raise
            self.result = error.result  # so that there is a link to what it found
            # It came to a result, and that was a no: it would come to the same again.
            raise AirflowFailException(_noted(context, _verdict(error))) from None

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


class MusicgenApprovalOperator(HITLOperator):
    """Turn a promotion policy into what ``musicgen promote`` knows; ask a person if it says so.

    Returns ``automatic`` or ``evaluate-only``. No answer in time counts as *Reject*. The XCom
    ``answer`` says who answered what.

    Args:
        policy: ``automatic``, ``evaluate-only``, or ``approval``, which asks. Templated.
    """

    APPROVE, REJECT = "Approve", "Reject"
    template_fields = (*HITLOperator.template_fields, "policy")
    ui_color = "#f4ecd8"

    def __init__(self, *, policy: str, **kwargs: Any) -> None:
        super().__init__(options=[self.APPROVE, self.REJECT], defaults=self.REJECT, **kwargs)
        self.policy = policy

    def execute(self, context: Context) -> str:
        """Answer at once unless a person is to be asked; then wait for the answer."""
        if self.policy == "approval":
            super().execute(context)
        return self.policy

    def execute_complete(self, context: Context, event: dict[str, Any]) -> str:
        """Take the answer."""
        approved = super().execute_complete(context, event)["chosen_options"] == [self.APPROVE]
        _answered(context, event, "approved" if approved else "rejected")
        return "automatic" if approved else "evaluate-only"


class MusicgenVersionOperator(HITLOperator):
    """Ask a person which version of a ledger shall lead again; returns the version.

    Skips what follows if the champion is to stay. No answer in time means that it stays. The XCom
    ``answer`` says who chose.

    Args:
        history: what ``musicgen ledger`` printed. Templated.
        wanted: the only version to ask about; all that led before if it is empty. Templated.
    """

    KEEP = "Keep the champion"
    template_fields = (*HITLOperator.template_fields, "history", "wanted")
    ui_color = "#f4ecd8"

    def __init__(self, *, history: Any, wanted: str = "", **kwargs: Any) -> None:
        super().__init__(options=[self.KEEP], defaults=self.KEEP, **kwargs)
        self.history = history
        self.wanted = wanted

    def execute(self, context: Context) -> None:
        """Ask; fail at once if there is nothing to choose from."""
        self.options = self._choices()
        if self.options == [self.KEEP]:
            led = f"{self.wanted or 'Nothing else'} never led {self.history['channel']}"
            raise AirflowFailException(_noted(context, f"{led}, or its bundle is gone."))
        super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> str:
        """Take the answer."""
        self.options = self._choices()
        (chosen,) = super().execute_complete(context, event)["chosen_options"]
        if chosen == self.KEEP:
            raise AirflowSkipException(f"{self.history['champion']} stays.")
        _answered(context, event, "chosen")
        return chosen

    def _choices(self) -> list[str]:
        """Return the versions that can lead again, where a rollback leads by itself first."""
        known = [
            reign["version"]
            for reign in self.history["versions"]
            if reign["available"] and reign["version"] != self.history["champion"]
        ]
        known.sort(key=lambda version: version != self.history["fallback"])
        return [*(v for v in known if self.wanted in ("", v)), self.KEEP]


def answer_of(task_id: str) -> dict[str, str]:
    """Return the environment that tells a stage what a person answered in an earlier task."""
    pulled = f"ti.xcom_pull(task_ids='{task_id}', key='{ANSWER_KEY}')"
    return {ANSWER: f"{{{{ {pulled} or '' }}}}"}


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


def _answered(context: Context, event: dict[str, Any], what: str) -> None:
    """Leave what was answered, and by whom, for the ledger."""
    user = event["responded_by_user"]
    who = f"by {user['name']}" if user else "since nobody answered in time"
    context["ti"].xcom_push(key=ANSWER_KEY, value=f"{what} {who}")


def _noted(context: Context, message: str) -> str:
    """Leave the sentence where the run's note is made from; return it."""
    context["ti"].xcom_push(key=FAILURE_KEY, value=message)
    return message
