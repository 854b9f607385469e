import threading

import pytest

from musicgen.corpus.prefetch import AHEAD, map_ahead


def test_results_come_in_order():
    assert list(map_ahead(lambda item: item * 2, range(100))) == [2 * i for i in range(100)]


def test_no_more_is_read_than_is_soon_wanted():
    started = []
    results = map_ahead(lambda item: started.append(item) or item, range(1000))
    next(results)
    assert len(started) <= AHEAD
    results.close()


def test_reads_overlap():
    together = threading.Barrier(4, timeout=5)
    assert len(list(map_ahead(lambda _: together.wait(), range(8)))) == 8


def test_failures_arrive_where_the_result_would():
    results = map_ahead(lambda item: 1 // item, [1, 1, 0, 1])
    assert [next(results), next(results)] == [1, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)
