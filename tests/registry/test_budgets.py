import pytest

from musicgen.registry.budgets import budget_gates


@pytest.mark.parametrize(
    ("seconds", "champion", "limit", "passed"),
    [
        (1.9, None, 2.0, True),
        (2.1, None, 2.0, False),
        (2.1, 0.1, 2.0, False),
        (2.9, 1.5, 3.0, True),
        (3.1, 1.5, 3.0, False),
    ],
)
def test_a_slow_version_may_be_twice_as_slow_as_a_slow_champion(seconds, champion, limit, passed):
    gate = budget_gates(seconds, champion, 0)["latency_seconds"]
    assert gate == {"value": seconds, "limit": limit, "passed": passed}


def test_a_version_may_weigh_200_megabytes():
    assert budget_gates(0, None, 200_000_000)["size_megabytes"]["passed"]
    assert not budget_gates(0, None, 200_000_001)["size_megabytes"]["passed"]
