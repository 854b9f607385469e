"""The verdict on a dataset: what failed, on how much, for example where."""

from dataclasses import asdict, dataclass
from typing import Any

from musicgen import storage

NAME = "validation/verdict.json"
DOCS = "validation/docs"


@dataclass(frozen=True)
class FailedExpectation:
    """One expectation that does not hold.

    Attributes:
        expectation: what was expected, in words.
        table: the table, or ``splits`` or ``drift``.
        column: the column or columns concerned.
        unexpected_rows: how many rows break it.
        examples: a few of them: piece and values.
    """

    expectation: str
    table: str
    column: str
    unexpected_rows: int
    examples: list[dict[str, Any]]

    def __str__(self) -> str:
        where = f"{self.table}.{self.column}: {self.unexpected_rows} rows"
        example = f", such as {self.examples[0]}" if self.examples else ""
        return f"{self.expectation} ({where}{example})"


@dataclass(frozen=True)
class ValidationResult:
    """What a validation says.

    Attributes:
        success: whether all expectations hold.
        failed: those that do not.
        docs_uri: the Data Docs, an HTML page.
        expectations: how many were checked.
        reused: whether this verdict had been reached before.
        seconds: how long it took.
    """

    success: bool
    failed: list[FailedExpectation]
    docs_uri: str
    expectations: int
    reused: bool
    seconds: float


def load(dataset_uri: str, suite_version: int) -> ValidationResult | None:
    """Return the verdict of this version of the suites, None if there is none."""
    try:
        document = storage.read_json(storage.join(dataset_uri, NAME))
    except FileNotFoundError:
        return None
    if document.pop("suite_version") != suite_version:
        return None
    failed = [FailedExpectation(**item) for item in document.pop("failed")]
    docs_uri = storage.join(dataset_uri, DOCS, "index.html")
    return ValidationResult(failed=failed, docs_uri=docs_uri, reused=True, seconds=0.0, **document)


def save(dataset_uri: str, result: ValidationResult, suite_version: int) -> None:
    """Write the verdict, which makes it count."""
    document = asdict(result) | {"suite_version": suite_version}
    for name in ("docs_uri", "reused", "seconds"):
        del document[name]
    storage.write_json(storage.join(dataset_uri, NAME), document)
