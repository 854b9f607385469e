"""What must hold of each table, in words that a musician understands."""

from collections.abc import Callable
from dataclasses import dataclass

from great_expectations.expectations.expectation import Expectation

from musicgen.preprocess.dataset import Dataset
from musicgen.quality.suites import (
    drift,
    instruments,
    notes,
    pianorolls,
    pieces,
    rejected,
    sequences,
    splits,
)


@dataclass(frozen=True)
class Suite:
    """The expectations on one view of ``musicgen.quality.views``.

    Attributes:
        declare: returns them; their descriptions are unique within the suite.
        shown: columns that tell a reader where an unexpected value was found.
    """

    declare: Callable[[Dataset], list[Expectation]]
    shown: tuple[str, ...]


SUITES: dict[str, Suite] = {
    "pieces": Suite(pieces.expectations, ("piece_id", "work", "source")),
    "instruments": Suite(instruments.expectations, ("piece_id", "program")),
    "notes": Suite(notes.expectations, ("piece_id", "lowest_pitch", "highest_pitch")),
    "sequences": Suite(sequences.expectations, ("piece_id",)),
    "pianorolls": Suite(pianorolls.expectations, ("piece_id", "excerpt")),
    "rejected": Suite(rejected.expectations, ("piece_id", "source", "reason")),
    "splits": Suite(splits.expectations, ("split",)),
    "drift": Suite(drift.expectations, ("reference",)),
}
