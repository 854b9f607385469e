"""What jobs took: kept in the bucket by run, and told to MLflow beside what was expected."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from musicgen import manifest, storage
from musicgen.settings import settings
from musicgen_gcp.cost import priced
from musicgen_gcp.job import CloudJob, Identity

LOG = logging.getLogger(__name__)


def note_spent(job: CloudJob, job_id: str, run_id: str | None) -> None:
    """Write down what a job took, whatever became of it. Nothing that fails here fails the task.

    Args:
        job: that has ended.
        job_id: its id.
        run_id: the MLflow run of a training; it and the run of its pipeline are told.
    """
    try:
        spent = _spent(job, job_id)
        storage.write_json(storage.join(_run_uri(job.identity), f"{job_id}.json"), spent)
        LOG.info("%s took %.0f s, about %.2f USD.", job_id, spent["seconds"], spent["usd"])
        if run_id:
            _tell(job.identity, run_id, spent)
    except Exception as error:  # whatever fails, the stage has come to its end
        LOG.warning("What %s took was not written down (%s).", job_id, error)


def spent_by(identity: Identity) -> list[dict[str, Any]]:
    """Return what each job of a DAG run took that has ended: ``stage seconds usd expected_usd``."""
    uri = _run_uri(identity)
    return [storage.read_json(storage.join(uri, name)) for name in storage.names(uri)]


def _spent(job: CloudJob, job_id: str) -> dict[str, Any]:
    took = job.took(job_id)
    usd_an_hour = priced(job.config, took.priced_as) * took.machines
    return {
        "stage": job.identity.stage,
        "seconds": took.seconds,
        "usd": took.seconds / 3600 * usd_an_hour,
        "expected_usd": took.expected_hours * usd_an_hour,
    }


def _tell(identity: Identity, run_id: str, spent: Mapping[str, Any]) -> None:
    from musicgen.training.pipeline_run import PipelineRun
    from musicgen.training.tracking import Tracker

    client = Tracker().client
    for name in ("seconds", "usd", "expected_usd"):
        client.log_metric(run_id, f"cloud.{name}", spent[name])
    experiment_id = client.get_run(run_id).info.experiment_id
    if parent := PipelineRun.find(client, [experiment_id], identity.run_id):
        for name, value in _sums(spent_by(identity)).items():
            client.log_metric(parent.run_id, name, value)


def _sums(all_spent: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    sums: Counter[str] = Counter()
    for each in all_spent:
        sums[f"cloud.{each['stage']}_seconds"] += each["seconds"]
        sums["cloud.usd"] += each["usd"]
        sums["cloud.expected_usd"] += each["expected_usd"]
    return dict(sums)


def _run_uri(identity: Identity) -> str:
    run = manifest.digest([identity.dag_id, identity.run_id])[:16]
    return storage.join(settings().bucket_uri, "jobs", "runs", run)
