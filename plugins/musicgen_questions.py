"""The operators that ask a person; each assigns in ``__init__`` and delegates in ``execute``."""

from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from musicgen_operators import noted

from musicgen.stages import ANSWER

ANSWER_KEY = "answer"


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
        else:
            self.log.info("The policy is %s: nobody is asked.", self.policy)
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
            raise AirflowFailException(noted(context, f"{led}, or its bundle is gone."))
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


def _answered(context: Context, event: dict[str, Any], what: str) -> None:
    """Leave what was answered, and by whom, for the ledger."""
    user = event["responded_by_user"]
    who = f"by {user['name']}" if user else "since nobody answered in time"
    context["ti"].xcom_push(key=ANSWER_KEY, value=f"{what} {who}")
