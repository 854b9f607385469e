"""What the stage ``promote`` prints."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PromotionResult:
    """What came of it.

    Attributes:
        promoted: the overall pointer moved, by this call.
        version: the one that was promoted, else the best challenger's; empty if none was published.
        champion: version that the overall pointer names now; empty if there is none.
        reason: why, in a sentence for each pointer.
        generation: of the overall pointer; 0 if there is none.
        decision_uri: the record of the first of these decisions, with every gate and number: on the
            overall pointer, then on each family's. None if nothing was to be decided.
        decisions: all of them.
        pipeline_run_id: of the MLflow run that stands for the DAG run.
    """

    promoted: bool
    version: str
    champion: str
    reason: str
    generation: int
    decision_uri: str | None
    decisions: list[str]
    pipeline_run_id: str | None = None
