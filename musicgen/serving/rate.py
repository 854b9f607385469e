"""How often one client may ask."""

import time
from collections import OrderedDict
from collections.abc import Callable

from musicgen.serving.problems import Problem

MAX_CLIENTS = 10_000


class RateLimit:
    """A token bucket per client: it holds a burst and fills at a steady rate."""

    def __init__(
        self, per_minute: int, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_minute / 60
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> None:
        """Count one request of a client.

        Raises:
            Problem: 429 with ``Retry-After``, the client's bucket is empty.
        """
        now = self._clock()
        level, then = self._buckets.pop(client, (float(self._burst), now))
        level = min(self._burst, level + (now - then) * self._per_second)
        allowed = level >= 1
        self._buckets[client] = (level - 1 if allowed else level, now)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)  # the one that was quiet the longest
        if not allowed:
            wait = max(1, round((1 - level) / self._per_second))
            raise Problem(
                429, f"Too many requests; ask again in {wait} s.", {"Retry-After": str(wait)}
            )
