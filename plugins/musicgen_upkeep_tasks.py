"""The small Python tasks of the DAGs that stand beside the pipeline: rollback and housekeeping."""

import logging
from collections.abc import Mapping
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException
from musicgen_launcher import sweep_cloud

log = logging.getLogger(__name__)

PIPELINE = "musicgen_pipeline"


def report_rollback(
    history: Mapping[str, Any],
    rollback: Mapping[str, Any] | None,
    served: Mapping[str, Any] | None,
) -> str:
    """Return in one line which version leads now, and that it was heard."""
    if not rollback or not served:
        return f"{history['champion']} stays the champion of {history['channel']}."
    line = f"{rollback['reason']}; {served['api_url']} plays it"
    log.info(line)
    return line


def wait_for_quiet(ti: Any) -> bool:
    """Let nothing be deleted while a pipeline may be using it; return True once none does.

    Raises:
        AirflowSkipException: a run is under way; the next day is early enough.
    """
    if ti.get_dr_count(dag_id=PIPELINE, states=["queued", "running"]):
        raise AirflowSkipException("A pipeline run is under way; nothing is deleted today.")
    return True


def remove_leftovers(params: Mapping[str, Any]) -> list[str]:
    """Remove what jobs left in the cloud; return, and log, a line for each."""
    if params["dry_run"]:
        return []
    lines = sweep_cloud(params["days"])
    for line in lines:
        log.info(line)
    return lines


def report_housekeeping(
    quiet: bool | None, swept: Mapping[str, Any] | None, audit: Mapping[str, Any] | None
) -> str:
    """Return in one line what went, and what was set right; what failed speaks for itself."""
    said = []
    if swept and not swept["removed"] and not any(swept["kept"].values()):
        said.append("there is nothing to tidy yet")
    elif swept:
        count, megabytes = len(swept["removed"]), swept["freed_bytes"] / 1e6
        noun = "directory" if count == 1 else "directories"
        verb = "would go" if swept["dry_run"] else "deleted"
        said.append(f"{count} {noun} {verb} ({megabytes:.1f} MB)")
    elif not quiet:
        said.append("nothing deleted while a run is under way")
    if audit and audit["mended"]:
        said.append(f"mended: {'; '.join(audit['mended'])}; MLflow and the bucket agree now")
    elif audit:
        said.append("MLflow and the bucket agree")
    return "; ".join(said)
