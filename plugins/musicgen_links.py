"""Links from a task to what its stage made: runs in MLflow, and pages in the bucket."""

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from airflow.sdk import BaseOperatorLink
from airflow.sdk.configuration import conf

from musicgen.settings import Settings

PAGES_PATH = "/musicgen/open"


class ResultLink(BaseOperatorLink):
    """A button that leads to what one key of a stage's result names.

    Args:
        label: of the button.
        key: of the result.
        anchor: of a part of the page; empty for its top.
    """

    def __init__(self, label: str, key: str, anchor: str = "") -> None:
        self.label = label
        self.key = key
        self.anchor = f"#{anchor}" if anchor else ""

    @property
    def name(self) -> str:
        """What the button says."""
        return self.label

    @property
    def xcom_key(self) -> str:
        """Where the task leaves the address."""
        return f"_link_{self.label.lower().replace(' ', '_')}"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Return the address; empty, which greys the button out, if the stage named nothing."""
        result = getattr(operator, "result", None) or {}
        found = result.get(self.key)
        return self.address(found) if found else ""

    def address(self, found: str) -> str:
        """Return where a browser finds a page of the bucket: behind Airflow's own log-in.

        The path alone, which a browser completes, if Airflow was not told its own address.
        """
        base_url = conf.get("api", "base_url", fallback="").rstrip("/")
        return f"{base_url}{PAGES_PATH}?uri={quote(found, safe='')}{self.anchor}"


class RunLink(ResultLink):
    """A button that leads to an MLflow run, where a server shows it."""

    def address(self, found: str) -> str:
        """Return the run's page; ``MUSICGEN_PUBLIC_MLFLOW_URL`` is where browsers find MLflow."""
        known = Settings.from_environment().tracking_uri
        server = os.environ.get("MUSICGEN_PUBLIC_MLFLOW_URL", known)
        return f"{server.rstrip('/')}/#/runs/{found}" if server.startswith("http") else ""


LINKS: Mapping[str, tuple[ResultLink, ...]] = {
    "analyse": (ResultLink("Corpus report", "report_uri"),),
    "validate": (ResultLink("Data Docs", "docs_uri"),),
    "train": (RunLink("MLflow run", "run_id"),),
    "evaluate": (
        ResultLink("Evaluation", "report_uri"),
        ResultLink("Listening room", "report_uri", anchor="listening-room"),
    ),
    "promote": (RunLink("MLflow run", "pipeline_run_id"), ResultLink("Evidence", "decision_uri")),
}
"""By stage. A mapped task has no stage before it runs: it can only have those of its class."""
