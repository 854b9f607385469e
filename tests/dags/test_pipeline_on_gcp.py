"""What ``MUSICGEN_RUNTIME=gcp`` adds to the DAGs; the rest is the same."""

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow_environment import PROJECT_PATH
from musicgen_gcp.settings import gcp_settings

GCP = {
    "MUSICGEN_RUNTIME": "gcp",
    "MUSICGEN_GCP_PROJECT": "music",
    "MUSICGEN_GCP_REGION": "europe-west1",
}


@pytest.fixture
def parse(monkeypatch):
    def parsed(name, **changed):
        for key, value in {**GCP, **changed}.items():
            monkeypatch.setenv(key, value)
        gcp_settings.cache_clear()
        return DagBag(PROJECT_PATH / "dags" / f"{name}.py")

    yield parsed
    gcp_settings.cache_clear()


def test_serverless_adds_no_task_and_the_form_says_what_it_costs(parse, monkeypatch):
    there = parse("musicgen_pipeline").dags["musicgen_pipeline"]
    monkeypatch.setenv("MUSICGEN_RUNTIME", "local")
    here = DagBag(PROJECT_PATH / "dags" / "musicgen_pipeline.py").dags["musicgen_pipeline"]
    assert there.task_ids == here.task_ids
    assert "USD" in there.params.get_param("profile").description
    assert "USD" not in here.params.get_param("profile").description


def test_a_cluster_is_made_before_spark_and_deleted_whatever_happens(parse):
    bag = parse("musicgen_pipeline", MUSICGEN_GCP_SPARK="cluster")
    assert bag.import_errors == {}
    dag = bag.dags["musicgen_pipeline"]
    create, delete = dag.get_task("data.create_cluster"), dag.get_task("data.delete_cluster")
    assert create.is_setup
    assert delete.is_teardown
    assert "read_request" in create.get_flat_relative_ids(upstream=True), "it checks the cost"
    assert create.upstream_task_ids == {"data.stop_if_nothing_changed"}
    assert "data.preprocess_corpus" in create.downstream_task_ids
    assert {"data.validate_dataset", "data.create_cluster"} <= delete.upstream_task_ids
    assert "data.delete_cluster" not in {t for task in dag.tasks for t in task.upstream_task_ids}


def test_training_on_workers_has_its_queue(parse):
    changed = {"MUSICGEN_GCP_TRAINING": "worker", "MUSICGEN_GCP_TRAINING_QUEUE": "gpus"}
    dag = parse("musicgen_pipeline", **changed).dags["musicgen_pipeline"]
    assert dag.get_task("training.train_lstm").partial_kwargs["queue"] == "gpus"


def test_housekeeping_looks_for_leftovers(parse):
    dag = parse("musicgen_housekeeping").dags["musicgen_housekeeping"]
    assert dag.has_task("remove_leftovers")


def test_a_missing_setting_is_named_where_airflow_shows_import_errors(parse):
    bag = parse("musicgen_pipeline", MUSICGEN_GCP_PROJECT="")
    (error,) = bag.import_errors.values()
    assert "MUSICGEN_GCP_PROJECT has to be set" in error
