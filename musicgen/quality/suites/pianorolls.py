"""What must hold of every piano roll."""

import numpy as np
from great_expectations import expectations as gxe
from great_expectations.expectations.expectation import Expectation

from musicgen.preprocess.dataset import Dataset
from musicgen.quality.suites.holds import holds
from musicgen.representation.pianoroll import SHAPE


def expectations(dataset: Dataset) -> list[Expectation]:
    """Declare the expectations on the view ``pianorolls``."""
    return [*_cells(), *_belonging()]


def _cells() -> list[Expectation]:
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="lowest_cell", min_value=0, description="No cell lies before the roll."
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="highest_cell",
            max_value=int(np.prod(SHAPE)) - 1,
            description="No cell lies after the roll.",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="cells_out_of_order", value_set=[0], description="Cells ascend, each once."
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="struck_notes", min_value=1, description="A note is struck in every excerpt."
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="holds_without_note",
            value_set=[0],
            description="Only what sounded in the step before is held.",
        ),
        holds("plays_notes", "Every excerpt plays what its piece has there."),
    ]


def _belonging() -> list[Expectation]:
    return [
        gxe.ExpectColumnValuesToBeInSet(
            column="rows_of_excerpt",
            value_set=[1],
            description="Every excerpt of a piece is there once.",
        ),
        holds("begins_in_piece", "Every excerpt begins within its piece."),
        holds("in_split_of_piece", "Every excerpt belongs to a piece and is in its split."),
        holds("in_composer_of_piece", "Every excerpt has the composer of its piece."),
        holds("in_ensemble_of_piece", "Every excerpt has the ensemble of its piece."),
    ]
