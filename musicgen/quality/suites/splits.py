"""What must hold of the three splits."""

from great_expectations import expectations as gxe
from great_expectations.expectations.expectation import Expectation

from musicgen.preprocess.dataset import Dataset


def expectations(dataset: Dataset) -> list[Expectation]:
    """Declare the expectations on the view ``splits``."""
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="pieces",
            min_value=1,
            description="Training, validation and test have a piece each at least.",
        ),
    ]
