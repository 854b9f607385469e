"""Reading many small objects: a few requests ahead, so that a bucket's latency is paid once."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")

AHEAD = 16


def map_ahead(function: Callable[[S], T], items: Iterable[S]) -> Iterator[T]:
    """Map in order like ``map``, in threads, at most ``AHEAD`` items in advance.

    Unlike ``Executor.map`` it holds no more results than that, however many items there are.
    """
    waiting: deque = deque()
    with ThreadPoolExecutor(AHEAD) as threads:
        try:
            for item in items:
                waiting.append(threads.submit(function, item))
                if len(waiting) >= AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
