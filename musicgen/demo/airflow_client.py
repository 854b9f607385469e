"""Airflow's REST API, as far as a click in its UI goes."""

import time
from typing import Any

import httpx

from musicgen.errors import MusicgenError

PARSE_SECONDS = 120
FINISHED = ("success", "failed")


class AirflowClient:
    """One logged-in user of an Airflow API server.

    Raises:
        MusicgenError: from every method, when the server refuses; the message quotes it.
    """

    def __init__(
        self, base_url: str, user: str, password: str, timeout_seconds: float = 120
    ) -> None:
        self._credentials = {"username": user, "password": password}
        transport = httpx.HTTPTransport(retries=3)
        self._http = httpx.Client(
            base_url=base_url, timeout=timeout_seconds, transport=transport, trust_env=False
        )

    def log_in(self) -> None:
        """Get a token, which lasts a day."""
        answer = self.request("POST", "/auth/token", json=self._credentials)
        self._http.headers["Authorization"] = f"Bearer {answer['access_token']}"

    @property
    def authorization(self) -> str:
        """What a logged-in user's requests carry in the header of this name."""
        return self._http.headers["Authorization"]

    def wait_for_dag(self, dag_id: str) -> None:
        """Wait until the DAG has been read from its file."""
        deadline = time.monotonic() + PARSE_SECONDS
        while not self._send("GET", f"/api/v2/dags/{dag_id}").is_success:
            for error in self.request("GET", "/api/v2/importErrors")["import_errors"]:
                if dag_id in error["filename"]:
                    raise MusicgenError(f"Airflow cannot read {dag_id}: {error['stack_trace']}")
            if time.monotonic() > deadline:
                raise MusicgenError(f"Airflow has not found {dag_id} in {PARSE_SECONDS} s.")
            time.sleep(1)

    def ensure_pool(self, name: str, slots: int, description: str) -> None:
        """Create a pool unless it is there."""
        if self._send("GET", f"/api/v2/pools/{name}").is_success:
            return
        document = {"name": name, "slots": slots, "description": description}
        self.request("POST", "/api/v2/pools", json=document)

    def unpause(self, dag_id: str) -> None:
        """Let the DAG run."""
        self.request("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": False})

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        """Start a run with the values of the form; return its run id."""
        document = {"logical_date": None, "conf": conf}
        return self.request("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=document)["dag_run_id"]

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """Return a run: ``state``, ``start_date``, ``end_date``, ``note`` …"""
        return self.request("GET", _run_path(dag_id, run_id))

    def runs(self, dag_id: str, *states: str) -> list[dict[str, Any]]:
        """Return the runs in any of these states, or all of them, the oldest first."""
        parameters = {"state": states, "order_by": "run_after"}
        return self.request("GET", f"/api/v2/dags/{dag_id}/dagRuns", params=parameters)["dag_runs"]

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Return the run's task instances: ``task_id``, ``map_index``, ``state``, dates …"""
        path = f"{_run_path(dag_id, run_id)}/taskInstances"
        return self.request("GET", path, params={"limit": 300})["task_instances"]

    def result(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """Return what a task handed on."""
        path = f"{_run_path(dag_id, run_id)}/taskInstances/{task_id}/xcomEntries/return_value"
        return self.request("GET", path, params={"deserialize": False, "stringify": False})["value"]

    def request(self, method: str, path: str, **options: Any) -> Any:
        """Send any other request; ``options`` are httpx's. Returns the JSON of the answer."""
        answer = self._send(method, path, **options)
        if not answer.is_success:
            raise MusicgenError(f"Airflow refused {method} {path}: {answer.text[:500]}")
        return answer.json()

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise MusicgenError(f"Airflow at {self._http.base_url} is gone ({error}).") from None


def _run_path(dag_id: str, run_id: str) -> str:
    return f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"
