import pytest

from musicgen.analysis.words import counted, lasting


def test_one_is_no_plural():
    assert [counted(n, "piece") for n in (0, 1, 2000)] == ["0 pieces", "1 piece", "2,000 pieces"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (42, "42 s"), (600, "10 min"), (5400, "1.5 h")]
)
def test_a_short_time_is_not_nought_hours(seconds, said):
    assert lasting(seconds) == said
