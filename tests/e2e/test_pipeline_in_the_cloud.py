"""The whole house with ``MUSICGEN_RUNTIME=gcp``, in a cloud of this machine's own.

Airflow, its triggerer and the provider's hooks are real, and so are the jobs: Spark and training.
The tests share one demonstration and are in the order of its life.
"""

import json

import pytest
from cloud.standin import Cloud
from demonstration import DAG_ID, OVERRIDES, environment_of, python, run_demonstration, wait_for
from google.cloud.aiplatform_v1.types import JobState
from under_fire import TRAINING, clear

from musicgen import storage
from musicgen.stages import run_stage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    """A cloud, and where its user works."""
    root = tmp_path_factory.mktemp("cloud")
    with Cloud(root / "cloud", environment_of(root)) as running:
        yield running


@pytest.fixture(scope="module")
def demonstration(cloud, tmp_path_factory):
    """A demonstration whose Spark stages and trainings ran in the cloud."""
    root = tmp_path_factory.mktemp("demonstration")
    environment = {**cloud.environment, "MUSICGEN_HOME": str(root / "var")}
    try:
        yield run_demonstration(root, environment)
    finally:
        python(environment, "-m", "musicgen", "stop", check=True)


@pytest.fixture(scope="module")
def run(demonstration):
    (run,) = demonstration.airflow.runs(DAG_ID)
    return run


@pytest.fixture(scope="module")
def bundle_uri(demonstration, run):
    """Where the training of the run's champion left its bundle."""
    family, _, _ = demonstration.result["promotion"]["champion"].partition("-")
    tracked = demonstration.tracked(run["dag_run_id"])
    tags = [{tag["key"]: tag["value"] for tag in each["data"]["tags"]} for each in tracked]
    (uri,) = [tag["musicgen.bundle_uri"] for tag in tags if tag["musicgen.family"] == family]
    return uri


@pytest.fixture(scope="module")
def here(demonstration, tmp_path_factory):
    """What the same stages make of the same corpus on this machine: dataset and bundle."""
    home = tmp_path_factory.mktemp("here")
    family, _, _ = demonstration.result["promotion"]["champion"].partition("-")
    options = [word for pair in OVERRIDES for word in ("--set", pair)]
    environment = {
        "MUSICGEN_HOME": str(home),
        "MUSICGEN_BUCKET": str(home / "bucket"),
        "MUSICGEN_TRACKING_URI": f"sqlite:///{home}/mlflow.db",
    }

    def stage(*arguments):
        return run_stage(arguments, environment)

    corpus = stage("ingest", "midi", "--from", str(demonstration.corpus_path))
    dataset = stage("preprocess", corpus["corpus_uri"])
    return dataset | stage("train", family, dataset["dataset_uri"], *options)


def test_the_run_succeeds_and_its_heavy_stages_ran_in_the_cloud(cloud, demonstration, run):
    assert run["state"] == "success"
    stages = sorted(name.split("-")[1] for name in cloud.jobs.started)
    assert stages == ["preprocess", "train", "train", "validate"], "each once, and no other"
    assert {batch.state.name for batch in cloud.batches.batches.values()} == {"SUCCEEDED"}
    assert demonstration.result["promotion"]["promoted"]


def test_dataset_and_bundle_are_those_of_this_machine(cloud, demonstration, run, bundle_uri, here):
    there = demonstration.airflow.result(DAG_ID, run["dag_run_id"], "data.preprocess_corpus")
    assert here["dataset_id"] == there["dataset_id"]
    tables = made_here(here["dataset_uri"], ".parquet")
    assert "notes/part-00000.parquet" in tables
    assert made_there(cloud, there["dataset_uri"], ".parquet") == tables
    weights = made_here(here["model_uri"], "weights.npz")
    assert made_there(cloud, bundle_uri, "weights.npz") == weights
    assert list(weights) == ["weights.npz"]


def test_what_was_spent_is_told_to_mlflow(demonstration, run):
    for tracked in demonstration.tracked(run["dag_run_id"]):
        metrics = {each["key"]: each["value"] for each in tracked["data"]["metrics"]}
        assert metrics["cloud.usd"] > 0
        assert metrics["cloud.expected_usd"] > 0


def test_no_log_holds_a_secret(cloud, demonstration):
    known = json.loads((demonstration.home_path / "airflow" / "secrets.json").read_text())
    logs = [*demonstration.home_path.rglob("*.log"), *cloud.jobs.log_path.rglob("*.log")]
    assert len(logs) > len(cloud.jobs.started)
    for path in logs:
        text = path.read_text(errors="replace")
        assert not [name for name, secret in known.items() if secret in text], path


def test_a_training_outlives_the_triggerer_and_ends_with_its_task(cloud, demonstration, run):
    run_id, started = run["dag_run_id"], len(cloud.jobs.started)
    cloud.custom_jobs.jobs.clear()
    cloud.faults.inject("slow")
    clear(demonstration, run_id, TRAINING)
    wait_for(lambda: demonstration.states(run_id)[TRAINING] == "deferred")
    ((name, job),) = cloud.custom_jobs.jobs.items()

    demonstration.restart("airflow-triggerer")
    looks = cloud.custom_jobs.asked[name]
    wait_for(lambda: cloud.custom_jobs.asked[name] > looks + 1)
    assert demonstration.states(run_id)[TRAINING] == "deferred"
    assert job.state == JobState.JOB_STATE_RUNNING

    path = f"/api/v2/dags/{DAG_ID}/dagRuns/{run_id}/taskInstances/{TRAINING}/0"
    demonstration.airflow.request("PATCH", path, json={"new_state": "failed"})
    wait_for(lambda: job.state == JobState.JOB_STATE_CANCELLED)
    assert demonstration.finished(run_id)["state"] == "failed"
    assert len(cloud.jobs.started) == started + 1, "nothing was started in its place"
    assert cloud.jobs.running == []


def made_here(uri, suffix):
    """Return the files of a directory that end so, by name."""
    names = [name for name in storage.names(uri) if name.endswith(suffix)]
    return {name: storage.read_bytes(storage.join(uri, name)) for name in names}


def made_there(cloud, uri, suffix):
    """Return the objects of a directory in the cloud that end so, by name."""
    prefix = uri.removeprefix("gs://music/") + "/"
    objects = {name: data for name, (data, _) in cloud.buckets.objects.items()}
    wanted = [name for name in objects if name.startswith(prefix) and name.endswith(suffix)]
    return {name.removeprefix(prefix): objects[name] for name in wanted}
