import pytest
from mlflow.utils.search_utils import SearchUtils

from musicgen.errors import BadInput
from musicgen.training.filters import quoted


@pytest.mark.parametrize("text", ["file:///home/ada", "file:///home/o'brien", 'the "best"'])
def test_mlflow_reads_what_was_quoted(text):
    (found,) = SearchUtils.parse_search_filter(f"tags.`a.b` = {quoted(text)}")
    assert found["value"] == text


def test_what_holds_both_quotes_is_refused():
    with pytest.raises(BadInput, match="holds ' and \" both"):
        quoted("""both ' and \"""")
