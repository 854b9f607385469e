"""The pipeline's small tasks between its stages: what is asked, what to train, what came of it."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from musicgen_launcher import expected_cost
from musicgen_new_data import served_place
from musicgen_operators import noted

from musicgen.errors import BadInput
from musicgen.options import assignments
from musicgen.training.config import check_settings, own_settings
from musicgen.training.sweep import best_trial

log = logging.getLogger(__name__)

NEWS_TASK, OUTCOME_TASK = "data.look_for_news", "report_outcome"
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
