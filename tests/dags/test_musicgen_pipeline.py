import re
import subprocess
import sys
from itertools import pairwise

import pendulum
import prepare
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import TriggerRule
from airflow.serialization.encoders import coerce_to_core_timetable
from airflow.timetables.base import TimeRestriction
from airflow_environment import PROJECT_PATH
from musicgen_alerts import alert
from musicgen_tasks import read_request

STAGES = {
    "data.ingest_corpus": "ingest",
    "data.look_for_news": "news",
    "data.preprocess_corpus": "preprocess",
    "data.validate_dataset": "validate",
    "data.analyse_dataset": "analyse",
    "training.train_lstm": "train",
    "training.train_gan": "train",
    "selection.evaluate_models": "evaluate",
    "selection.promote_champion": "promote",
    "close_run": "close-run",
}
ORDER = [
    "read_request",
    "data.ingest_corpus",
    "data.look_for_news",
    "data.stop_if_nothing_changed",
    "data.preprocess_corpus",
    "data.validate_dataset",
    "training.plan_lstm_trials",
    "training.train_lstm",
    "training.choose_lstm_trial",
    "training.collect_runs",
    "selection.evaluate_models",
    "selection.approve_promotion",
    "selection.promote_champion",
    "report_outcome",
]


@pytest.fixture(scope="module")
def dag():
    bag = DagBag(PROJECT_PATH / "dags")
    assert bag.import_errors == {}
    return bag.dags["musicgen_pipeline"]


def test_every_stage_is_a_task(dag):
    found = {
        task.task_id: task.partial_kwargs["stage"] if task.is_mapped else task.stage
        for task in dag.tasks
        if task.task_type == "MusicgenStageOperator"
    }
    assert found == STAGES


@pytest.mark.parametrize(("earlier", "later"), pairwise(ORDER))
def test_tasks_follow_one_another(dag, earlier, later):
    upstream = {task.task_id for task in dag.get_task(later).get_flat_relatives(upstream=True)}
    assert earlier in upstream


def test_no_training_begins_before_the_dataset_is_proven_sound(dag):
    for family in ("lstm", "gan"):
        upstream = dag.get_task(f"training.train_{family}").get_flat_relatives(upstream=True)
        assert "data.validate_dataset" in {task.task_id for task in upstream}


def test_the_report_holds_nothing_back_and_is_made_of_unsound_datasets_too(dag):
    analyse = dag.get_task("data.analyse_dataset")
    assert analyse.downstream_task_ids == set()
    assert analyse.upstream_task_ids == {"data.preprocess_corpus", "data.validate_dataset"}
    assert analyse.trigger_rule == TriggerRule.ALL_DONE_MIN_ONE_SUCCESS


def test_trainings_share_a_pool_and_nothing_else_does(dag):
    pooled = {task.task_id for task in dag.tasks if task.pool == prepare.GPU_POOL}
    assert pooled == {"training.train_lstm", "training.train_gan"}


@pytest.mark.parametrize("family", ["lstm", "gan"])
def test_a_trial_that_fails_holds_back_no_other_of_its_family(dag, family):
    chosen = dag.get_task(f"training.choose_{family}_trial")
    assert chosen.upstream_task_ids == {f"training.train_{family}"}
    assert chosen.trigger_rule == TriggerRule.ALL_DONE_MIN_ONE_SUCCESS
    assert chosen.downstream_task_ids == {"training.collect_runs"}


def test_what_was_not_trained_does_not_hold_back_the_rest(dag):
    rule = dag.get_task("training.collect_runs").trigger_rule
    assert rule == TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS


def test_stages_are_retried_with_growing_patience_and_end_some_time(dag):
    for name in STAGES:
        task = dag.get_task(name)
        assert task.retries == 3
        assert task.retry_exponential_backoff == 2
        assert task.execution_timeout is not None


def test_where_nothing_changed_the_run_ends_green_and_says_so(dag):
    assert dag.get_task("report_outcome").trigger_rule == TriggerRule.NONE_FAILED
    assert dag.get_task("data.stop_if_nothing_changed").downstream_task_ids == {
        "data.preprocess_corpus"
    }


def test_tasks_lead_to_what_they_made(dag):
    names = {
        name: [link.name for link in dag.get_task(name).operator_extra_links] for name in STAGES
    }
    assert names["data.validate_dataset"] == ["Data Docs"]
    assert names["training.train_lstm"] == names["training.train_gan"] == ["MLflow run"]
    assert names["selection.evaluate_models"] == ["Evaluation", "Listening room"]
    assert names["selection.promote_champion"] == ["MLflow run", "Evidence"]


def test_whatever_becomes_of_a_run_that_trains_it_is_closed_when_all_else_is_done(dag):
    close = dag.get_task("close_run")
    assert close.is_teardown
    assert close.on_failure_fail_dagrun
    assert not close.downstream_task_ids
    trained = {"training.train_lstm", "training.train_gan"}
    assert close.upstream_task_ids == {*trained, "selection.promote_champion"}


def test_every_failure_raises_the_alarm(dag):
    assert all(task.on_failure_callback == [alert] for task in dag.tasks)


def test_one_run_at_a_time_and_none_for_the_past(dag):
    assert dag.max_active_runs == 1
    assert dag.catchup is False


def test_it_runs_weekly_or_on_new_data(dag):
    assert dag.timetable.timetable.expression == "0 3 * * 1"
    assert [asset.name for asset in dag.timetable.asset_condition.objects] == ["musicgen_new_data"]


def test_new_data_that_a_run_does_not_serve_is_handed_on_though_the_run_fail(dag):
    hand_on = dag.get_task("hand_on_other_data")
    assert [asset.name for asset in hand_on.inlets] == ["musicgen_new_data"]
    assert not hand_on.upstream_task_ids | hand_on.downstream_task_ids


def test_unpausing_it_starts_nothing_at_once(dag, monkeypatch):
    monday = pendulum.datetime(2026, 11, 23, 4)
    monkeypatch.setattr("airflow.timetables.trigger.utcnow", lambda: monday)
    always = TimeRestriction(earliest=None, latest=None, catchup=False)
    weekly = coerce_to_core_timetable(dag.timetable.timetable)
    first = weekly.next_dagrun_info(last_automated_data_interval=None, restriction=always)
    assert first.run_after == monday.add(days=7).replace(hour=3)


@pytest.mark.parametrize("page", ["COMPOSE", "GOOGLE_CLOUD", "OPERATIONS"])
def test_it_trains_nothing_unasked_and_each_page_says_how_it_is_unpaused(dag, page):
    assert dag.is_paused_upon_creation is None
    words = (PROJECT_PATH / "docs" / f"{page}.md").read_text().split()
    assert "airflow dags unpause musicgen_pipeline" in " ".join(words)


def test_the_form_is_valid_as_it_opens(dag):
    assert dag.params.dump() == {
        "corpus": "music21",
        "corpus_uri": None,
        "profile": "quick",
        "families": ["lstm", "gan"],
        "trials": 1,
        "seed": 0,
        "promotion": "automatic",
        "force": False,
        "overrides": [],
        "dataset_overrides": [],
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("corpus", "opera"),
        ("families", []),
        ("families", ["opera"]),
        ("trials", 0),
        ("seed", -1),
        ("promotion", "maybe"),
        ("overrides", ["epochs"]),
        ("dataset_overrides", ["view"]),
    ],
)
def test_the_form_refuses_what_the_stages_could_not_use(dag, field, value):
    from airflow.sdk.exceptions import ParamValidationError

    with pytest.raises(ParamValidationError):
        dag.params.get_param(field).resolve(value)


@pytest.mark.parametrize(("field", "least"), [("overrides", 2), ("dataset_overrides", 2)])
def test_the_examples_in_the_form_are_settings_as_one_types_them(dag, field, least):
    param = dag.params.get_param(field)
    examples = re.findall(r"[a-z_.]+=[\w.]*\w", param.description)
    assert len(examples) == least
    param.resolve(examples)
    read_request({**dag.params.dump(), field: examples}, {})


def test_it_explains_itself_to_musicians_and_engineers(dag):
    assert "For musicians" in dag.doc_md
    assert "For engineers" in dag.doc_md


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted((PROJECT_PATH / "dags").glob("*.py")), ids=lambda p: p.stem)
def test_a_dag_file_is_read_in_less_than_a_second_and_imports_nothing_heavy(path):
    program = f"""
import runpy, sys, time
import airflow.sdk  # Airflow's own process has this already
sys.path.insert(0, {str(PROJECT_PATH / "plugins")!r})
start = time.process_time()
runpy.run_path({str(path)!r})
seconds = time.process_time() - start
heavy = ["great_expectations", "keras", "mlflow", "music21", "numpy", "pandas", "pyspark",
         "tensorflow"]
print(seconds, *[name for name in heavy if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    seconds, *heavy = done.stdout.splitlines()[-1].split()
    assert float(seconds) < 1
    assert heavy == []
