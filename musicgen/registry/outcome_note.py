"""What a pipeline run came to, on the page of its own run in MLflow."""

from collections.abc import Iterable

from musicgen.registry.evidence import Evidence

TEMPLATE = """\
{reason}

| model | score | from | to |
|---|---|---|---|
{rows}

Champion: {champion}. The evaluation: `{evaluation_uri}`
"""


def outcome_note(reason: str, champion: str, challengers: list[Evidence]) -> str:
    """Return in Markdown why the promotion ended as it did, and how well the models play.

    Args:
        reason: the promotion's.
        champion: who leads now; empty if nobody does.
        challengers: the best run of each family, at least one.
    """
    return TEMPLATE.format(
        reason=reason,
        rows="\n".join(_rows(challengers)),
        champion=champion or "none",
        evaluation_uri=challengers[0].evaluation_uri,
    )


def _rows(challengers: Iterable[Evidence]) -> Iterable[str]:
    for found in challengers:
        low, high = found.interval
        yield f"| {found.name} | {found.score:.3f} | {low:.3f} | {high:.3f} |"
