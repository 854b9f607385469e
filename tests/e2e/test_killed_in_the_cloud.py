"""A training in the cloud whose triggerer, then whose task, is ended: by a real Airflow.

It is small: Airflow's services and one task, whose job does nothing but last.
"""

from pathlib import Path

import pytest
from demonstration import PATIENCE_SECONDS, python, wait_for
from google.cloud.aiplatform_v1.types import JobState

from musicgen.demo.airflow_client import AirflowClient

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

DAG_ID, TASK_ID = "one_training", "train"
DAG = f"""
from airflow.sdk import dag
from musicgen_operators import MusicgenStageOperator

@dag("{DAG_ID}", schedule=None, is_paused_upon_creation=False)
def one_training():
    arguments = ["lstm", "gs://music/house/datasets/any"]
    MusicgenStageOperator(task_id="{TASK_ID}", stage="train", arguments=arguments)

one_training()
"""
START = """
import sys
from dataclasses import replace
from musicgen.demo.airflow_config import prepare
from musicgen.demo.processes import Processes
from musicgen.demo.services import Ports, services
from musicgen.demo import start
from musicgen.settings import settings
start.START_SECONDS = int(sys.argv[2])
here, ports = settings(), Ports.from_environment()
known, processes = prepare(here, ports), Processes(here.home_path)
for name in sys.argv[3:]:
    assert processes.stop(name)
dags = {"AIRFLOW__CORE__DAGS_FOLDER": sys.argv[1]}
airflow = [each for each in services(here, ports) if each.name.startswith("airflow-")]
wanted = [replace(each, environment={**each.environment, **dags}) for each in airflow]
start.start_all(wanted, processes, print)
print(known.password)
"""


@pytest.fixture(scope="module")
def dags_path(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("dags")
    (path / "one_training.py").write_text(DAG)
    return path


@pytest.fixture(scope="module")
def airflow(cloud, dags_path):
    """A client of an Airflow that knows one DAG."""
    try:
        password = start(cloud, dags_path)
        client = AirflowClient(
            f"http://127.0.0.1:{cloud.environment['AIRFLOW_PORT']}", "admin", password
        )
        client.log_in()
        client.wait_for_dag(DAG_ID)
        yield client
    finally:
        python(cloud.environment, "-m", "musicgen", "stop", check=True)


def start(cloud, dags_path, *end_first):
    """Start the services that do not run, and return the password."""
    arguments = [str(dags_path), str(PATIENCE_SECONDS), *end_first]
    done = python(cloud.environment, "-c", START, *arguments, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


def test_a_training_outlives_the_triggerer_and_ends_with_its_task(cloud, airflow, dags_path):
    cloud.faults.inject("slow")
    run_id = airflow.trigger(DAG_ID, {})

    def state():
        (instance,) = airflow.task_instances(DAG_ID, run_id)
        return instance["state"]

    wait_for(lambda: state() == "deferred")
    ((name, job),) = cloud.custom_jobs.jobs.items()

    start(cloud, dags_path, "airflow-triggerer")
    looks = cloud.custom_jobs.asked[name]
    wait_for(lambda: cloud.custom_jobs.asked[name] > looks + 1)
    assert state() == "deferred"
    assert job.state == JobState.JOB_STATE_RUNNING

    path = f"/api/v2/dags/{DAG_ID}/dagRuns/{run_id}/taskInstances/{TASK_ID}"
    airflow.request("PATCH", path, json={"new_state": "failed"})
    wait_for(lambda: job.state == JobState.JOB_STATE_CANCELLED)
    wait_for(lambda: airflow.run(DAG_ID, run_id)["state"] == "failed")
    assert len(cloud.jobs.started) == 1, "nothing was started in its place"
    assert cloud.jobs.running == []
