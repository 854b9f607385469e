"""``musicgen benchmark fuzzing``: many cases from the API's description, without a network."""

import logging
import tempfile
import time
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase, given
from hypothesis.errors import Unsatisfiable

from musicgen.benchmark.fresh_bundle import fresh_lstm
from musicgen.benchmark.serving.cases import Source, requests_of, sources
from musicgen.benchmark.serving.in_process import Answer, InProcess
from musicgen.benchmark.serving.stage import point
from musicgen.generation.lstm_engine import LstmEngine
from musicgen.generation.request import Request
from musicgen.music.midi import write_midi
from musicgen.registry import layout
from musicgen.representation.vocabulary import END_OF_FRAME
from musicgen.serving.app import create_app
from musicgen.serving.dependencies import Limits
from musicgen.serving.keys import Keys
from musicgen.serving.piece_id import PieceId
from musicgen.serving.problems import MEDIA_TYPE as PROBLEM
from musicgen.settings import as_uri

logger = logging.getLogger(__name__)

DRAWN_AT_ONCE = 50
MAX_FAILURES = 10
TOLD_EVERY = 2000
QUIET = Limits(requests_per_minute=10**9, burst=10**9, poll_seconds=3600, warm=False)
SETTINGS = hypothesis.settings(
    max_examples=DRAWN_AT_ONCE,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    verbosity=hypothesis.Verbosity.quiet,
)


@dataclass(frozen=True)
class FuzzingResult:
    """What came back.

    Attributes:
        cases: how many requests were sent.
        statuses: how often each was answered.
        answers_of_500: how many of them.
        other_than_problems: errors that were no problem documents.
        failures: what the first of both were answers to.
        seconds: time taken.
        processor_seconds: the same, of this process.
    """

    cases: int
    statuses: dict[int, int]
    answers_of_500: int
    other_than_problems: int
    failures: list[str]
    seconds: float
    processor_seconds: float


def fuzzing(cases: int, seed: int) -> FuzzingResult:
    """Send at least so many cases to a server of a model that has learnt nothing.

    Operations take turns, a handful of cases each, until there are enough; those of which there
    is no more to draw drop out.
    """
    started, processor = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory(prefix="musicgen-fuzzing-") as folder:
        fuzzer = _Fuzzer(Path(folder))
        fuzzer.send(cases, seed)
    statuses = fuzzer.statuses
    return FuzzingResult(
        statuses.total(),
        dict(sorted(statuses.items())),
        statuses[500],
        fuzzer.other_than_problems,
        fuzzer.failures,
        round(time.perf_counter() - started, 1),
        round(time.process_time() - processor, 1),
    )


class _Fuzzer:
    """Sends cases and counts what comes back."""

    def __init__(self, path: Path) -> None:
        self.statuses: Counter[int] = Counter()
        self.other_than_problems = 0
        self.failures: list[str] = []
        bucket_uri = as_uri(str(path / "bucket"))
        bundle = fresh_lstm(units=16, layers=1, embedding_dim=16)
        bundle.weights["output_bias"][END_OF_FRAME] += 5  # a chord of random notes, not of all
        bundle.save(layout.version_uri(bucket_uri, "lstm-1"))
        point(bucket_uri, "lstm-1")
        self._app = create_app(bucket_uri, QUIET, path / "cache", Keys(path / "keys.json"))
        requests = [Request(seed, bars=1) for seed in range(4)]
        self._midi = write_midi(LstmEngine(bundle).generate(requests[:1])[0])
        piece_ids = [str(PieceId("lstm-1", request)) for request in requests]
        self._sources = sources(self._app.openapi(), piece_ids, ["unknown"])

    def send(self, cases: int, seed: int) -> None:
        """Send at least so many cases."""
        left = deque(self._sources)
        with InProcess(self._app) as app:
            while left and self.statuses.total() < cases:
                seed += 1
                source = left.popleft()
                if self._drawn(app, source, seed):
                    left.append(source)

    def _drawn(self, app: InProcess, source: Source, seed: int) -> bool:
        """Send a handful of a source's cases; returns whether it has more."""
        drawn = 0

        @hypothesis.seed(seed)
        @SETTINGS
        @given(source.cases)
        def each(case) -> None:
            nonlocal drawn
            drawn += 1
            for request in requests_of(case, source.forms, self._midi):
                self._sent(app, request)

        try:
            each()
        except Unsatisfiable:  # there is nothing that the description forbids
            return False
        return drawn == DRAWN_AT_ONCE

    def _sent(self, app: InProcess, request) -> None:
        ready = request.prepare()
        body = ready.body or b""
        body = body.encode() if isinstance(body, str) else body
        try:
            answer = app.ask(ready.method, ready.url, dict(ready.headers), body)
        except Exception as error:
            answer = Answer(500, type(error).__name__)
        self.statuses[answer.status] += 1
        is_strange = answer.status >= 400 and answer.media_type != PROBLEM
        self.other_than_problems += is_strange
        if (is_strange or answer.status == 500) and len(self.failures) < MAX_FAILURES:
            self.failures.append(f"{answer} to {ready.method} {ready.url} {body[:300]!r}")
        if self.statuses.total() % TOLD_EVERY == 0:
            logger.info("%d cases: %s", self.statuses.total(), dict(self.statuses))
