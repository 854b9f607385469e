from airflow.sdk.exceptions import AirflowFailException
from musicgen_operators import MusicgenStageOperator
from task_instance import Instance

from musicgen.errors import BadInput
from musicgen.stages import StageFailed


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
