"""What tells a job in the cloud from any other, without a cloud."""

import re

import pytest
from musicgen_gcp.job import CloudJob, Found, Identity
from musicgen_gcp.settings import GcpSettings

from musicgen.settings import settings

IDENTITY = Identity("preprocess", "musicgen_pipeline", "manual__1", "data.preprocess_corpus", -1)


class Job(CloudJob):
    """A job in a cloud where all jobs have these states by id."""

    states: dict

    def find(self, job_id):
        state = self.states.get(job_id)
        return Found(job_id, state, state == "FAILED") if state else None

    def create(self, job_id, arguments, environment):
        self.states[job_id] = "SUCCEEDED"
        return job_id

    cancel = trigger = failure = took = None


@pytest.fixture
def job(monkeypatch):
    Job.states = {}
    monkeypatch.setenv("MUSICGEN_BUCKET", "gs://music")
    settings.cache_clear()
    yield Job(GcpSettings("project", "region"), IDENTITY, 60)
    settings.cache_clear()


def test_the_same_task_with_the_same_inputs_finds_its_job(job):
    assert job.settle(["preprocess", "gs://c"], {}) == job.settle(["preprocess", "gs://c"], {})
    assert len(job.states) == 1


def test_other_inputs_another_bucket_or_a_failure_make_another_job(job, monkeypatch):
    first, _ = job.settle(["preprocess", "gs://c"], {})
    other, _ = job.settle(["preprocess", "gs://mended"], {})
    job.states[other] = "FAILED"
    again, _ = job.settle(["preprocess", "gs://mended"], {})
    monkeypatch.setenv("MUSICGEN_BUCKET", "gs://elsewhere")
    settings.cache_clear()
    elsewhere, _ = job.settle(["preprocess", "gs://c"], {})
    assert len({first, other, again, elsewhere}) == 4
    assert again == other.removesuffix("-1") + "-2"


def test_an_id_is_one_that_every_service_takes(job):
    long = Identity("preprocess", "d" * 250, "r" * 250, "t" * 250, 99)
    job_id = long.job_id(["gs://" + "b" * 900], 1000)
    assert re.fullmatch(r"[a-z][a-z0-9-]{3,62}", job_id)
