from dataclasses import replace

import pytest
import typer

from musicgen.cli import app
from musicgen.errors import BadInput
from musicgen.pipeline import PipelineRequest, run_pipeline
from musicgen.stages import StageFailed
from musicgen.training.sweep import MONITORED

REQUEST = PipelineRequest(
    corpus="midi",
    corpus_uri="/tunes",
    profile="standard",
    families=["gan", "lstm"],
    trials=2,
    seed=7,
    promotion="evaluate-only",
    overrides=["epochs=1"],
    dataset_overrides=["view=labels"],
)
PARENT = ["--airflow-run", "pipeline p1"]


class Stages:
    """Stages that answer at once; they know their command lines, as the real ones do."""

    def __init__(self, diverging=(), **answers):
        self.lines = []
        self._diverging = diverging
        self._trained = 0
        self._commands = typer.main.get_command(app).commands
        self._answers = {
            "ingest": {"corpus_uri": "file:///c"},
            "news": {"news": True, "pipeline_id": "p1", "reason": "new"},
            "preprocess": {"dataset_uri": "file:///d"},
            "evaluate": {"scores": {"gan": {}}, "report_uri": "file:///r"},
            "promote": {"promoted": False, "version": "gan-1", "champion": "", "reason": "why"},
            **answers,
        }

    def __call__(self, line):
        name, *arguments = line
        self._commands[name].make_context(name, [*arguments])  # raises if it cannot be read
        self.lines.append(line)
        answer = self._answers.get(name, {})
        if isinstance(answer, BaseException):
            raise answer
        if name == "train":
            self._trained += 1
            if self._trained in self._diverging:
                raise BadInput("no number")
            metrics = dict.fromkeys(MONITORED.values(), 1 / self._trained)
            trial = {"trial": int(line[line.index("--trial") + 1]), "drawn": {}}
            return {"run_id": f"run-{self._trained}", "metrics": metrics, **trial}
        return answer

    @property
    def names(self):
        return [line[0] for line in self.lines]


def test_stages_run_in_order_and_hand_on_what_they_made():
    stages = Stages()
    result = run_pipeline(stages, REQUEST, force=False)
    assert stages.names == [
        *("ingest", "news", "preprocess", "validate", "analyse"),
        *("train", "train", "train", "train", "evaluate", "promote"),
    ]
    assert stages.lines[0] == ["ingest", "midi", "--from", "/tunes"]
    assert stages.lines[2] == ["preprocess", "file:///c", "--set", "view=labels"]
    options = ["--profile", "standard", "--seed", "7", "--trial", "1"]
    expected = ["train", "gan", "file:///d", *options, *PARENT, "--set", "epochs=1"]
    assert stages.lines[6] == expected
    runs = ["run-1", "run-2", "run-3", "run-4"]
    asked = ["--policy", "evaluate-only", *PARENT, "--pipeline-id", "p1"]
    assert stages.lines[-2] == ["evaluate", "run-2", "run-4", "--dataset", "file:///d"]
    assert stages.lines[-1] == ["promote", "run-2", "run-4", *asked]
    assert (result.news, result.runs, result.reason) == (True, runs, "why")


def test_each_family_is_told_its_own_settings():
    stages = Stages()
    run_pipeline(stages, replace(REQUEST, trials=1, overrides=["units=8", "width=8"]), force=False)
    told = {line[1]: line[-1] for line in stages.lines if line[0] == "train"}
    assert told == {"gan": "width=8", "lstm": "units=8"}


@pytest.mark.parametrize("told", ["unit=8", "latent_dim=1"])
def test_a_setting_that_cannot_be_used_is_refused_before_anything_starts(told, monkeypatch):
    monkeypatch.setattr("musicgen.pipeline.run_pipeline", lambda *_: pytest.fail("it started"))
    with pytest.raises(BadInput, match=told.partition("=")[0]):
        app(["pipeline", "--set", told], standalone_mode=False)


def test_where_nothing_changed_nothing_is_done():
    stages = Stages(news={"news": False, "pipeline_id": "p1", "reason": "Nothing changed."})
    result = run_pipeline(stages, REQUEST, force=False)
    assert stages.names == ["ingest", "news"]
    assert (result.news, result.reason) == (False, "Nothing changed.")


def test_who_insists_says_so_to_the_news():
    stages = Stages()
    run_pipeline(stages, REQUEST, force=True)
    assert "--force" in stages.lines[1]


def test_a_dataset_that_is_not_sound_is_shown_and_not_learnt_from():
    stages = Stages(validate=StageFailed(1, "not sound"))
    with pytest.raises(StageFailed, match="not sound"):
        run_pipeline(stages, REQUEST, force=False)
    assert stages.names[-2:] == ["validate", "analyse"]


@pytest.mark.parametrize("verdict", [None, StageFailed(1, "not sound")])
def test_a_report_that_is_not_made_hinders_nothing(verdict, caplog):
    stages = Stages(analyse=StageFailed(1, "no room"), **({"validate": verdict} if verdict else {}))
    if verdict:
        with pytest.raises(StageFailed, match="not sound"):
            run_pipeline(stages, REQUEST, force=False)
    else:
        assert run_pipeline(stages, REQUEST, force=False).runs
    assert "The corpus report was not made (no room)" in caplog.text


def test_a_trial_that_fails_is_left_out_where_another_of_its_family_is_trained(caplog):
    stages = Stages(diverging=[1, 4])
    result = run_pipeline(stages, REQUEST, force=False)
    assert result.runs == ["run-2", "run-3"]
    assert stages.lines[-2][:3] == ["evaluate", "run-2", "run-3"]
    assert "Trial 0 of gan is left out (no number)" in caplog.text


def test_a_family_of_which_no_trial_is_trained_ends_the_run():
    stages = Stages(diverging=[3, 4])
    with pytest.raises(BadInput, match="no number"):
        run_pipeline(stages, REQUEST, force=False)
    assert stages.names[-2:] == ["train", "close-run"]


def test_an_interrupt_starts_nothing_more():
    stages = Stages(validate=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        run_pipeline(stages, REQUEST, force=False)
    assert stages.names[-1] == "validate"


def test_mlflow_is_told_of_a_failure_after_the_first_training():
    stages = Stages(evaluate=StageFailed(1, "no room"))
    with pytest.raises(StageFailed, match="no room"):
        run_pipeline(stages, REQUEST, force=False)
    assert stages.lines[-1] == ["close-run", "pipeline p1"]


def test_a_failure_is_told_though_mlflow_is_away():
    stages = Stages(train=StageFailed(1, "no room"), **{"close-run": StageFailed(1, "away")})
    with pytest.raises(StageFailed, match="no room"):
        run_pipeline(stages, REQUEST, force=False)
