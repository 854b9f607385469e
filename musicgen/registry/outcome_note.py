"""What a pipeline run came to, on the page of its own run in MLflow."""

from collections.abc import Iterable

from musicgen.evaluation.tracking import REPORT_ARTIFACT
from musicgen.registry.evidence import Evidence

TEMPLATE = """\
[The evaluation's report, with music to hear]({report_page}): {reason}

| model | score | from | to |
|---|---|---|---|
{rows}

Champion: {champion}. The evaluation: `{evaluation_uri}`
"""
"""The link begins it: MLflow folds all but the first line, and what is folded takes no click."""


def outcome_note(
    reason: str, champion: str, challengers: list[Evidence], experiment_id: str
) -> str:
    """Return in Markdown why the promotion ended as it did, and how well the models play.

    Args:
        reason: the promotion's.
        champion: who leads now; empty if nobody does.
        challengers: the best run of each family, at least one.
        experiment_id: theirs in MLflow; each run has the evaluation's report.
    """
    best = challengers[0]
    # Wherever people reach MLflow, what begins with # is a place on its own page.
    run_page = f"#/experiments/{experiment_id}/runs/{best.run_id}"
    return TEMPLATE.format(
        reason=reason,
        rows="\n".join(_rows(challengers)),
        champion=champion or "none",
        report_page=f"{run_page}/artifacts/{REPORT_ARTIFACT}",
        evaluation_uri=best.evaluation_uri,
    )


def _rows(challengers: Iterable[Evidence]) -> Iterable[str]:
    for found in challengers:
        low, high = found.interval
        yield f"| {found.name} | {found.score:.3f} | {low:.3f} | {high:.3f} |"
