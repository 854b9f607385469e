"""The report in MLflow: a run of its own in the experiment of the corpus."""

import logging
import time
from dataclasses import dataclass

from musicgen.errors import MusicgenError
from musicgen.preprocess.dataset import Dataset

ANALYSIS_TAG = "musicgen.analysis_uri"
VERSION_TAG = "musicgen.analysis_version"
ARTIFACT = "analysis"
REPORT = "report.html"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """Where MLflow keeps the report: the run, and the page's address if a server shows it."""

    run_id: str
    page_url: str | None


def record(
    dataset: Dataset, report_uri: str, report: str, version: int, totals: dict[str, float]
) -> Entry | None:
    """Leave this version of the report with MLflow, once; None where it does not take it.

    The report in the bucket stands all the same.
    """
    from mlflow.entities import Metric, RunStatus
    from mlflow.exceptions import MlflowException

    from musicgen.training.filters import quoted
    from musicgen.training.tracking import Tracker

    try:
        tracker = Tracker()
        client, experiment_id = tracker.client, tracker.experiment_id(dataset.corpus)
        same = (
            f"tags.`{ANALYSIS_TAG}` = {quoted(report_uri)} AND tags.`{VERSION_TAG}` = '{version}'"
        )
        known = client.search_runs([experiment_id], same)
        if known:
            return _entry(tracker.uri, experiment_id, known[0].info.run_id)
        tags = {
            "musicgen.dataset_id": dataset.dataset_id,
            "musicgen.dataset_uri": dataset.uri,
            "musicgen.corpus_digest": dataset.corpus_digest,
            VERSION_TAG: str(version),
        }
        name = f"corpus report {dataset.dataset_id}"
        run_id = client.create_run(experiment_id, run_name=name, tags=tags).info.run_id
        now = int(time.time() * 1000)
        metrics = [Metric(f"corpus.{key}", value, now, 0) for key, value in totals.items()]
        client.log_batch(run_id, metrics)
        client.log_text(run_id, report, f"{ARTIFACT}/{REPORT}")
        client.set_tag(run_id, ANALYSIS_TAG, report_uri)
        client.set_terminated(run_id, RunStatus.to_string(RunStatus.FINISHED))
    except (MlflowException, MusicgenError, OSError) as error:
        _log.warning("MLflow did not take the report (%s).", error)
        return None
    return _entry(tracker.uri, experiment_id, run_id)


def _entry(tracking_uri: str, experiment_id: str, run_id: str) -> Entry:
    if not tracking_uri.startswith(("http://", "https://")):
        return Entry(run_id, None)
    page = f"#/experiments/{experiment_id}/runs/{run_id}/artifacts/{ARTIFACT}/{REPORT}"
    return Entry(run_id, f"{tracking_uri.rstrip('/')}/{page}")
