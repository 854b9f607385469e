"""What must hold of what was left out."""

from great_expectations import expectations as gxe
from great_expectations.expectations.expectation import Expectation

from musicgen.preprocess.dataset import Dataset


def expectations(dataset: Dataset) -> list[Expectation]:
    """Declare the expectations on the view ``rejected``."""
    most = dataset.config.max_rejected_share
    return [
        gxe.ExpectColumnValuesToMatchRegex(
            column="reason", regex=r"^[a-z_]+$", description="Every rejected piece has a reason."
        ),
        gxe.ExpectColumnValuesToMatchRegex(
            column="source", regex=r"\S", description="Every rejected piece names its source."
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="rejected_share",
            max_value=most,
            description=f"At most {most:.0%} of the corpus is rejected, duplicates apart.",
        ),
    ]
