import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, TaskAwaitingInput
from musicgen_operators import (
    MusicgenApprovalOperator,
    MusicgenStageOperator,
    MusicgenVersionOperator,
)

from musicgen.errors import BadInput
from musicgen.stages import StageFailed


class Instance:
    def __init__(self):
        self.pushed = {}

    def xcom_push(self, key, value):
        self.pushed[key] = value


class Answering:
    """A launcher that knows the end beforehand."""

    def __init__(self, result):
        self.result = result
        self.stopped = False

    def run(self, arguments, environment, on_line):
        self.arguments, self.environment = arguments, environment
        on_line("a line")
        if isinstance(self.result, Exception):
            raise self.result
        return self.result

    def stop(self):
        self.stopped = True


def run(monkeypatch, result, **kwargs):
    answering = Answering(result)
    monkeypatch.setattr("musicgen_operators.launcher", lambda *_: answering)
    operator = MusicgenStageOperator(task_id="a", **kwargs)
    instance = Instance()
    outcome = None
    try:
        outcome = operator.execute({"ti": instance})
    except Exception as error:
        outcome = error
    return operator, answering, instance, outcome


def test_arguments_and_options_become_a_command_line(monkeypatch):
    _, answering, _, outcome = run(
        monkeypatch,
        {"scores": {}},
        stage="evaluate",
        arguments=["x", ["y", ("z",)], None, ""],
        options={
            "form": {"a": 1},
            "dataset": "file:///d",
            "set": ["a=1", "b=2"],
            "from": None,
            "seed": 0,
        },
        environment={"K": "V"},
    )
    assert answering.arguments == [
        *("evaluate", "x", "y", "z", "--form", '{"a": 1}', "--dataset", "file:///d"),
        *("--set", "a=1", "--set", "b=2", "--seed", "0"),
    ]
    assert answering.environment == {"K": "V"}
    assert outcome == {"scores": {}}


def test_bad_input_is_not_tried_again_and_leaves_its_sentence(monkeypatch):
    _, _, instance, outcome = run(monkeypatch, BadInput("No such corpus."), stage="ingest")
    assert isinstance(outcome, AirflowFailException)
    assert instance.pushed == {"failure": "No such corpus."}


def test_a_verdict_is_not_tried_again_and_says_what_failed(monkeypatch):
    failed = {"expectation": "pitch is 0-127", "table": "notes", "column": "pitch"}
    result = {"success": False, "failed": [{**failed, "unexpected_rows": 3, "examples": []}]}
    verdict = StageFailed(1, "last words", result)
    _, _, instance, outcome = run(monkeypatch, verdict, stage="validate")
    assert isinstance(outcome, AirflowFailException)
    assert "pitch is 0-127 (notes.pitch: 3 rows)" in instance.pushed["failure"]


def test_any_other_failure_may_be_tried_again(monkeypatch):
    _, _, instance, outcome = run(monkeypatch, StageFailed(-9, "killed"), stage="train")
    assert isinstance(outcome, StageFailed)
    assert instance.pushed == {"failure": "killed"}


def test_on_kill_stops_the_stage(monkeypatch):
    operator, answering, _, _ = run(monkeypatch, {}, stage="train")
    operator.on_kill()
    assert answering.stopped


def test_on_kill_before_anything_has_begun_does_nothing():
    MusicgenStageOperator(task_id="a", stage="train").on_kill()


@pytest.mark.parametrize("policy", ["automatic", "evaluate-only"])
def test_nobody_is_asked_unless_the_policy_says_so(policy):
    operator = MusicgenApprovalOperator(task_id="a", policy=policy, subject="?")
    assert operator.execute({}) == policy


def test_approval_waits_for_a_person(monkeypatch):
    asked = {}
    monkeypatch.setattr(
        "airflow.providers.standard.operators.hitl.upsert_hitl_detail",
        lambda **detail: asked.update(detail),
    )
    operator = MusicgenApprovalOperator(task_id="a", policy="approval", subject="Shall it?")
    instance = Instance()
    instance.id = "1"
    with pytest.raises(TaskAwaitingInput):
        operator.execute({"task_instance": instance, "ti": instance})
    assert asked["subject"] == "Shall it?"
    assert asked["defaults"] == ["Reject"]


@pytest.mark.parametrize(
    ("option", "user", "policy", "answer"),
    [
        ("Approve", {"id": "1", "name": "Ada"}, "automatic", "approved by Ada"),
        ("Reject", None, "evaluate-only", "rejected since nobody answered in time"),
    ],
)
def test_the_answer_decides_and_is_known_with_who_gave_it(option, user, policy, answer):
    from airflow.sdk.timezone import utcnow

    operator = MusicgenApprovalOperator(task_id="a", policy="approval", subject="?")
    event = {
        "chosen_options": [option],
        "params_input": {},
        "responded_at": utcnow(),
        "responded_by_user": user,
    }
    instance = Instance()
    assert operator.execute_complete({"ti": instance}, event) == policy
    assert instance.pushed == {"answer": answer}


HISTORY = {
    "channel": "overall",
    "champion": "lstm-3",
    "fallback": "gan-1",
    "versions": [
        {"version": "lstm-3", "available": True},
        {"version": "lstm-2", "available": True},
        {"version": "lstm-1", "available": False},
        {"version": "gan-1", "available": True},
    ],
}


def asked_for(monkeypatch, **kwargs):
    asked = {}
    monkeypatch.setattr(
        "airflow.providers.standard.operators.hitl.upsert_hitl_detail",
        lambda **detail: asked.update(detail),
    )
    operator = MusicgenVersionOperator(task_id="a", history=HISTORY, subject="?", **kwargs)
    instance = Instance()
    instance.id = "1"
    with pytest.raises(TaskAwaitingInput):
        operator.execute({"task_instance": instance, "ti": instance})
    return asked["options"]


def test_the_ledgers_versions_are_offered_the_way_back_first(monkeypatch):
    assert asked_for(monkeypatch) == ["gan-1", "lstm-2", "Keep the champion"]
    assert asked_for(monkeypatch, wanted="lstm-2") == ["lstm-2", "Keep the champion"]


def test_a_version_that_cannot_lead_is_not_asked_about():
    operator = MusicgenVersionOperator(task_id="a", history=HISTORY, wanted="lstm-1", subject="?")
    instance = Instance()
    with pytest.raises(AirflowFailException, match="lstm-1 never led overall, or its bundle is"):
        operator.execute({"ti": instance})
    assert instance.pushed["failure"].startswith("lstm-1 never led")


def test_the_chosen_version_is_handed_on_and_keeping_skips_the_rest():
    from airflow.sdk.timezone import utcnow

    operator = MusicgenVersionOperator(task_id="a", history=HISTORY, subject="?")
    user = {"id": "1", "name": "Ada"}
    event = {"params_input": {}, "responded_at": utcnow(), "responded_by_user": user}
    instance = Instance()
    chosen = {**event, "chosen_options": ["gan-1"]}
    assert operator.execute_complete({"ti": instance}, chosen) == "gan-1"
    assert instance.pushed == {"answer": "chosen by Ada"}
    with pytest.raises(AirflowSkipException, match="lstm-3 stays"):
        operator.execute_complete({}, {**event, "chosen_options": ["Keep the champion"]})
