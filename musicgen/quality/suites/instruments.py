"""What must hold of every instrument that plays in a piece."""

from great_expectations import expectations as gxe
from great_expectations.expectations.expectation import Expectation

from musicgen.preprocess.dataset import Dataset
from musicgen.quality.suites.holds import holds

MOST_OUT_OF_RANGE = 0.1
SHARE_IN_RANGE = 0.95
"""Transcribers leave single notes out of range, and give an oboe d'amore an oboe's program."""


def expectations(dataset: Dataset) -> list[Expectation]:
    """Declare the expectations on the view ``instruments``."""
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="share_out_of_range",
            max_value=MOST_OUT_OF_RANGE,
            mostly=SHARE_IN_RANGE,
            description=f"{SHARE_IN_RANGE:.0%} of parts can be played: at most "
            f"{MOST_OUT_OF_RANGE:.0%} of their notes lie outside their instrument's range.",
        ),
        holds("in_split_of_piece", "Every instrument belongs to a piece and is in its split."),
    ]
