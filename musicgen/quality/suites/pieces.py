"""What must hold of every piece."""

from great_expectations import expectations as gxe
from great_expectations.expectations.expectation import Expectation

from musicgen.preprocess.dataset import Dataset
from musicgen.preprocess.reading import LONGEST_SECONDS
from musicgen.preprocess.schema import SPLITS
from musicgen.quality.suites.holds import holds

SLOWEST_QPM, FASTEST_QPM = 20, 400


def expectations(dataset: Dataset) -> list[Expectation]:
    """Declare the expectations on the view ``pieces``."""
    return [*_identity(dataset), *_splitting(), *_music()]


def _identity(dataset: Dataset) -> list[Expectation]:
    return [
        gxe.ExpectColumnValuesToBeInSet(
            column="rows_of_piece", value_set=[1], description="Every piece is there once."
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="composer",
            value_set=dataset.composers,
            description="Every piece has a composer that models know, or is marked unknown.",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="ensemble",
            value_set=dataset.ensembles,
            description="Every piece has an ensemble that models know, or is marked unknown.",
        ),
        gxe.ExpectColumnValuesToMatchRegex(
            column="work", regex=r"\S", description="Every piece belongs to a work."
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="is_rejected_too",
            value_set=[False],
            description="No piece is both taken and rejected.",
        ),
    ]


def _splitting() -> list[Expectation]:
    return [
        gxe.ExpectColumnValuesToBeInSet(
            column="split",
            value_set=list(SPLITS),
            description="Every piece is for training, for validation or for the test.",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="official_split",
            value_set=["test"],
            description="The official test pieces are in the test split.",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="splits_of_work",
            value_set=[1],
            description="No work has movements or recordings in two splits.",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="splits_of_score",
            value_set=[1],
            description="No score is in two splits, under whatever name.",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="copies_in_split",
            value_set=[1],
            description="Recordings of one score count once within a split.",
        ),
    ]


def _music() -> list[Expectation]:
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="notes_found", min_value=1, description="Every piece has notes."
        ),
        holds("has_its_notes", "The notes of every piece are those that its fingerprint names."),
        gxe.ExpectColumnValuesToBeInSet(
            column="sequences_found",
            value_set=[1],
            description="Every piece has one token sequence.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="tempo_qpm",
            min_value=SLOWEST_QPM,
            max_value=FASTEST_QPM,
            description=f"Every tempo can be played: {SLOWEST_QPM} to {FASTEST_QPM} quarters/min.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="duration_seconds",
            min_value=0,
            strict_min=True,
            max_value=LONGEST_SECONDS,
            description="No piece lasts longer than three hours.",
        ),
    ]
