"""How far a training is, as MLflow knows it."""

from collections.abc import Mapping
from typing import Any

import httpx

SHOWN = ("running_", "val_nats", "val_likeness")
SHOWN_AT_MOST = 2


class TrainingProgress:
    """Reads the running trainings of one Airflow run from an MLflow server.

    MLflow being slow or away is no trouble: then there is just nothing to tell.
    """

    def __init__(self, tracking_url: str, corpus: str, airflow_run: str) -> None:
        url = f"{tracking_url}/api/2.0/mlflow"
        self._http = httpx.Client(base_url=url, timeout=5, trust_env=False)
        self._experiment = f"musicgen-{corpus}"
        self._filter = f"tags.`musicgen.airflow_run` = '{airflow_run}'"

    def lines(self) -> dict[tuple[str, int], str]:
        """Return what running trainings have come to, by family and number of the trial."""
        try:
            return {_trial(run): _described(run) for run in self._running()}
        except (httpx.HTTPError, KeyError, ValueError):
            return {}

    def _running(self) -> list[dict[str, Any]]:
        parameters = {"experiment_name": self._experiment}
        found = self._http.get("/experiments/get-by-name", params=parameters).raise_for_status()
        search = {
            "experiment_ids": [found.json()["experiment"]["experiment_id"]],
            "filter": f"{self._filter} AND attributes.status = 'RUNNING'",
        }
        answer = self._http.post("/runs/search", json=search).raise_for_status()
        return answer.json().get("runs", [])


def describe(metrics: Mapping[str, float], parameters: Mapping[str, str]) -> str:
    """Return in one short line how far a training is and how well it does.

    Args:
        metrics: latest value by name; ``epoch`` counts finished epochs.
        parameters: of the run; ``epochs`` is how many there are at most.
    """
    parts = []
    if parameters.get("epochs"):
        parts.append(f"epoch {metrics.get('epoch', 0):.0f} of {parameters['epochs']}")
    shown = sorted(name for name in metrics if any(word in name for word in SHOWN))
    parts += [f"{name.replace('_', ' ')} {metrics[name]:.3f}" for name in shown[:SHOWN_AT_MOST]]
    return ", ".join(parts)


def _described(run: Mapping[str, Any]) -> str:
    data = run["data"]
    metrics = {metric["key"]: float(metric["value"]) for metric in data.get("metrics", [])}
    return describe(metrics, {each["key"]: each["value"] for each in data.get("params", [])})


def _trial(run: dict[str, Any]) -> tuple[str, int]:
    tags = {tag["key"]: tag["value"] for tag in run["data"].get("tags", [])}
    return tags["musicgen.family"], int(tags.get("musicgen.trial", 0))
