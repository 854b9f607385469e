"""The commonest expectation: what a view says of each row is true."""

from great_expectations import expectations as gxe
from great_expectations.expectations.expectation import Expectation


def holds(column: str, description: str) -> Expectation:
    """Expect a column to be true wherever it is not null."""
    return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=[True], description=description)
