"""The whole house with ``MUSICGEN_RUNTIME=gcp``, in a cloud of this machine's own.

Airflow, its triggerer and the provider's hooks are real, and so are the jobs: Spark and training.
"""

import pytest
from demonstration import DAG_ID, python, run_demonstration

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
def outcome(demonstration):
    """What the run's tasks returned, by task."""
    (run,) = demonstration.airflow.runs(DAG_ID)
    ids = ("data.preprocess_corpus", "data.validate_dataset", "training.collect_runs")
    found = {id: demonstration.airflow.result(DAG_ID, run["dag_run_id"], id) for id in ids}
    return {"run_id": run["dag_run_id"], "state": run["state"], **found}


def test_the_run_succeeds_and_its_heavy_stages_ran_in_the_cloud(cloud, demonstration, outcome):
    assert outcome["state"] == "success"
    stages = sorted(name.split("-")[1] for name in cloud.jobs.started)
    assert stages == ["preprocess", "train", "train", "validate"], "each once, and no other"
    assert {batch.state.name for batch in cloud.batches.batches.values()} == {"SUCCEEDED"}
    assert demonstration.result["promotion"]["promoted"]
