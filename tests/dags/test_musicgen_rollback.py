import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow_environment import PROJECT_PATH

ORDER = ["read_ledger", "choose_version", "flip_champion", "verify_serving", "report_outcome"]


@pytest.fixture(scope="module")
def dag():
    bag = DagBag(PROJECT_PATH / "dags" / "musicgen_rollback.py")
    assert bag.import_errors == {}
    return bag.dags["musicgen_rollback"]


def test_pick_approve_flip_verify(dag):
    assert [task.task_id for task in dag.topological_sort()] == ORDER


def test_the_flip_names_the_champion_that_was_shown(dag):
    flip = dag.get_task("flip_champion")
    assert flip.options["leaving"].key == "champion"
    assert flip.options["leaving"].operator.task_id == "read_ledger"


def test_the_form_opens_with_the_way_back_of_the_overall_champion(dag):
    assert dag.params.dump() == {"channel": "overall", "version": None, "reason": None}
    from airflow.sdk.exceptions import ParamValidationError

    with pytest.raises(ParamValidationError):
        dag.params.get_param("version").resolve("opera-1")


def test_a_person_is_asked_for_a_day_at_most_and_silence_changes_nothing(dag):
    choose = dag.get_task("choose_version")
    assert choose.response_timeout.days == 1
    assert choose.defaults == ["Keep the champion"]
