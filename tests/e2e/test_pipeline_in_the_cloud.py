"""The whole house with ``MUSICGEN_RUNTIME=gcp``, in a cloud of this machine's own.

Airflow, its triggerer and the provider's hooks are real, and so are the jobs: Spark and training.
"""

import json

import pytest
from demonstration import DAG_ID, OVERRIDES, python, run_demonstration

from musicgen import storage
from musicgen.stages import run_stage
from musicgen.training.config import own_settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


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
def trained_uri(demonstration, run):
    """Where the training of the run's champion left its bundle."""
    tracked = demonstration.tracked(run["dag_run_id"])
    tags = [{tag["key"]: tag["value"] for tag in each["data"]["tags"]} for each in tracked]
    family = family_of(demonstration)
    (uri,) = [tag["musicgen.bundle_uri"] for tag in tags if tag["musicgen.family"] == family]
    return uri


@pytest.fixture(scope="module")
def here(demonstration, tmp_path_factory):
    """What the same stages make of the same corpus on this machine: dataset and bundle."""
    home = tmp_path_factory.mktemp("here")
    family = family_of(demonstration)
    options = [word for pair in own_settings(family, OVERRIDES) for word in ("--set", pair)]
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


def test_dataset_and_bundle_are_those_of_this_machine(cloud, demonstration, run, trained_uri, here):
    there = demonstration.airflow.result(DAG_ID, run["dag_run_id"], "data.preprocess_corpus")
    assert here["dataset_id"] == there["dataset_id"]
    tables = made_here(here["dataset_uri"], ".parquet")
    assert "notes/part-00000.parquet" in tables
    found = made_there(cloud, there["dataset_uri"], ".parquet")
    # The report's tables are there too: only the pipeline analyses what it made.
    assert {name: data for name, data in found.items() if name in tables} == tables
    assert all(name.startswith("analysis/") for name in found.keys() - tables.keys())
    weights = made_here(here["model_uri"], "weights.npz")
    assert list(weights) == ["weights.npz"]
    assert made_there(cloud, trained_uri, "weights.npz") == weights


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


def family_of(demonstration):
    return demonstration.result["promotion"]["champion"].partition("-")[0]


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
