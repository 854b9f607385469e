"""The answer to who asks for a piece while too many are being made, ready before anybody asks."""

from musicgen.serving.batcher import Batcher, full
from musicgen.serving.guards import GUARDS
from musicgen.serving.metrics import Metrics
from musicgen.serving.places import Place

PATHS = ("/v1/generate", "/v1/continue")
STATUS = 503


class Refusals:
    """Decides who is refused, counts them, and knows what they are told: overload has to be cheap.

    Attributes:
        headers: of the answer, as ASGI has them.
        body: of the answer.
    """

    def __init__(self, batcher: Batcher, metrics: Metrics) -> None:
        self._batcher = batcher
        self._counts = {
            ("POST", path): metrics.responses.labels("POST", path, STATUS) for path in PATHS
        }
        answer = full().response()
        answer.headers.update(GUARDS)
        self.headers, self.body = answer.raw_headers, bytes(answer.body)

    def concern(self, method: str, path: str) -> bool:
        """Return whether a request asks for a piece."""
        return (method, path) in self._counts

    def due(self, method: str, path: str) -> bool:
        """Return whether a request has to be refused, and count it if so."""
        count = self._counts.get((method, path))
        if count is None or not self._batcher.is_full:
            return False
        count.inc()
        return True

    def place(self) -> Place:
        """Keep a place for the piece of a request that was read."""
        return self._batcher.places.keep()
