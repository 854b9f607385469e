"""The small Python tasks between the stages: what is asked, what to train, what came of it."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from musicgen_launcher import expected_cost, sweep_cloud
from musicgen_new_data import served_place
from musicgen_operators import noted

from musicgen.errors import BadInput
from musicgen.options import assignments
from musicgen.training.config import check_settings, own_settings
from musicgen.training.sweep import best_trial

log = logging.getLogger(__name__)

PIPELINE, NEWS_TASK, OUTCOME_TASK = "musicgen_pipeline", "data.look_for_news", "report_outcome"
ENDED = "The run was ended by hand."


def read_request(params: Mapping[str, Any], triggering_asset_events: Any) -> dict[str, Any]:
    """Return what this run was asked for: the form, or an Asset event's word on where data is.

    The oldest event's ``extra`` may hold ``corpus`` and ``corpus_uri``; the form gives the rest.

    Raises:
        AirflowFailException: the event names no corpus, a setting cannot be used, or the run would
            cost more than the ceiling.
    """
    # Imports NumPy, which is too heavy where DAGs are only read.
    from musicgen.preprocess.config import PreprocessConfig

    try:
        request = {**params, **served_place(triggering_asset_events)}
        log.info("Asked for: %s", request)
        check_settings(request["families"], request["profile"], request.get("overrides") or [])
        PreprocessConfig().changed(assignments(request.get("dataset_overrides") or []))
        cost = expected_cost(request)
    except BadInput as error:
        raise AirflowFailException(str(error)) from None
    if cost:
        log.info("Expected cost: %s", cost)
    return request


def plan_trials(family: str, request: Mapping[str, Any], run_id: str) -> list[dict[str, Any]]:
    """Return the options of ``musicgen train`` for each trial of a family.

    Trial 0 takes the profile as it is; the others draw some settings, by number and seed.

    Raises:
        AirflowSkipException: the family was not chosen.
    """
    if family not in request["families"]:
        raise AirflowSkipException(f"{family} was not chosen.")
    return [
        {
            "profile": request["profile"],
            "seed": request["seed"],
            "trial": trial,
            "set": own_settings(family, request["overrides"] or []),
            "airflow-run": run_id,
        }
        for trial in range(request["trials"])
    ]


def choose_trial(family: str, trained: Iterable[Mapping[str, Any]]) -> str:
    """Return the MLflow run of a family's best trial, of those that were trained; log why."""
    results = list(trained)
    log.info("%d trials of %s were trained.", len(results), family)
    return best_trial(family, results)


def collect_runs(best: Mapping[str, str | None]) -> list[str]:
    """Return the MLflow run of each family that was chosen."""
    return [run_id for run_id in best.values() if run_id]


def is_news(news: Mapping[str, Any]) -> bool:
    """Return whether the run has anything to do; log why."""
    log.info(news["reason"])
    return news["news"]


def skip_without_news(context: Any) -> None:
    """Skip a task, before it begins, of a run that found nothing to do or never came to look.

    Fails as ``fail_if_ended``.
    """
    if not context["ti"].xcom_pull(task_ids=NEWS_TASK, key="news"):
        fail_if_ended(context)
        raise AirflowSkipException("Nothing was trained.")


def fail_if_ended(context: Any, result: Any = None) -> None:
    """Fail the last task of a run that a person marked as failed.

    Airflow then fails what runs and skips the rest, and with a teardown still to come, it judges
    the run by its leaves. Skipped as they are, they would call it a success.
    """
    ti = context["ti"]
    states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id]).get(ti.run_id, {})
    if "failed" in states.values() and states.get(OUTCOME_TASK) == "skipped":
        raise AirflowFailException(noted(context, ENDED))


def report_outcome(
    news: Mapping[str, Any],
    evaluation: Mapping[str, Any] | None,
    promotion: Mapping[str, Any] | None,
) -> str:
    """Return in one line what the run came to; log it after the scores."""
    if not evaluation or not promotion:
        return news["reason"]
    best_first = sorted(evaluation["scores"].items(), key=lambda item: -item[1]["score"])
    for name, found in best_first:
        low, high = found["interval"]
        log.info("%s scores %.3f (95 %%: %.3f to %.3f)", name, found["score"], low, high)
        aspects = ", ".join(f"{aspect} {value:.2f}" for aspect, value in found["aspects"].items())
        log.info("%s, aspect by aspect: %s", name, aspects)
    log.info("Report: %s", evaluation["report_uri"])
    verb = "promoted" if promotion["promoted"] else "not promoted"
    # Without a version, nothing was to be promoted, and the reason says what would have been.
    line = f"{promotion['version']} {verb}: " if promotion["version"] else ""
    line += promotion["reason"]
    log.info(line)
    return line


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
