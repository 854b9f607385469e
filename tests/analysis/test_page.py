import pyarrow as pa
import pytest

from musicgen.analysis.page import _duplicates


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        (0, "Every score is there once."),
        (1, "1 score was there more than once"),
        (2, "2 scores were there more than once"),
    ],
)
def test_scores_that_came_more_than_once_are_counted_in_words(scores, said):
    rows = [{"piece_id": f"p{number}", "pieces": 1} for number in range(scores)]
    schema = pa.schema({"piece_id": pa.string(), "pieces": pa.int64()})
    assert said in _duplicates(pa.Table.from_pylist(rows, schema))
