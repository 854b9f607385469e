import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow_environment import PROJECT_PATH


@pytest.fixture(scope="module")
def dag():
    bag = DagBag(PROJECT_PATH / "dags" / "musicgen_housekeeping.py")
    assert bag.import_errors == {}
    return bag.dags["musicgen_housekeeping"]


def test_it_runs_daily_and_never_for_the_past(dag):
    assert dag.timetable.expression == "0 2 * * *"
    assert dag.catchup is False


def test_nothing_is_deleted_before_it_is_quiet(dag):
    assert dag.get_task("sweep_bucket").upstream_task_ids == {"wait_for_quiet"}


def test_disagreement_fails_the_run_and_what_was_swept_is_told_all_the_same(dag):
    report = dag.get_task("report_outcome")
    assert report.upstream_task_ids == {"wait_for_quiet", "sweep_bucket", "compare_registries"}
    assert report.is_teardown
    assert not report.on_failure_fail_dagrun, "the run would be judged by its report alone"


def test_it_deletes_after_a_month_and_mends_nothing_unasked(dag):
    assert dag.params.dump() == {"days": 30, "newest": 5, "dry_run": False, "mend": False}
    assert "dry run" in dag.params.get_param("dry_run").schema["title"]
