import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, TaskAwaitingInput
from airflow.sdk.timezone import utcnow
from musicgen_questions import MusicgenApprovalOperator, MusicgenVersionOperator
from task_instance import Instance


@pytest.mark.parametrize("policy", ["automatic", "evaluate-only"])
def test_nobody_is_asked_unless_the_policy_says_so_and_the_log_says_why(policy, monkeypatch):
    said = []
    operator = MusicgenApprovalOperator(task_id="a", policy=policy, subject="?")
    monkeypatch.setattr(operator.log, "info", lambda line, *values: said.append(line % values))
    assert operator.execute({}) == policy
    assert said == [f"The policy is {policy}: nobody is asked."]


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
    operator = MusicgenVersionOperator(task_id="a", history=HISTORY, subject="?")
    user = {"id": "1", "name": "Ada"}
    event = {"params_input": {}, "responded_at": utcnow(), "responded_by_user": user}
    instance = Instance()
    chosen = {**event, "chosen_options": ["gan-1"]}
    assert operator.execute_complete({"ti": instance}, chosen) == "gan-1"
    assert instance.pushed == {"answer": "chosen by Ada"}
    with pytest.raises(AirflowSkipException, match="lstm-3 stays"):
        operator.execute_complete({}, {**event, "chosen_options": ["Keep the champion"]})
