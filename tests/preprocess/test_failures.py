import pytest
from pyspark.errors import PythonException

from musicgen.errors import BadInput, MusicgenError
from musicgen.preprocess.failures import DiskIsFull, readable, readable_failures

TRACEBACK = """
  An exception was thrown from the Python worker. Please see the stack trace below.
Traceback (most recent call last):
  File "job.py", line 3, in run
    work()
{}
"""


@pytest.mark.parametrize(
    ("last_line", "kind", "message"),
    [
        ("musicgen.errors.BadInput: Piece x is broken.", BadInput, "Piece x is broken."),
        ("OSError: [Errno 28] No space left on device: '/b'", DiskIsFull, "No space is left"),
        ("KeyError: 'pitch'", MusicgenError, "A Spark worker failed: KeyError: 'pitch'"),
        ("", MusicgenError, "An exception was thrown from the Python worker"),
    ],
)
def test_cause_is_found_in_the_traceback(last_line, kind, message):
    error = readable(TRACEBACK.format(last_line))
    assert type(error) is kind
    assert message in str(error)
    assert "\n" not in str(error)


def test_other_errors_pass():
    with pytest.raises(ZeroDivisionError), readable_failures():
        1 / 0  # noqa: B018
    with pytest.raises(MusicgenError, match="ValueError: no"), readable_failures():
        raise PythonException(TRACEBACK.format("ValueError: no"))
