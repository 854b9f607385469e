"""A process of its own: how fast the engine plays, and what it takes. See ``generation``."""

import json
import os
import resource
import statistics
import sys
import time

from musicgen.bundle import Bundle
from musicgen.generation.engine import load_engine
from musicgen.generation.request import Request

BARS = 16
REPEATS = 5


def main(bundle_uri: str) -> None:
    """Print the figures as one JSON line."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    engine = load_engine(Bundle.load(bundle_uri))
    alone, together = _tokens_per_second(engine, 1), _tokens_per_second(engine, 16)
    figures = {
        "first_note_ms": statistics.median(_first_note_ms(engine, seed) for seed in range(20)),
        "engine_tokens_per_second": alone[0],
        "engine_tokens_per_processor_second": alone[1],
        "engine_tokens_per_second_batch_16": together[0],
        "engine_tokens_per_processor_second_batch_16": together[1],
        "engine_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "tensorflow_imported": "tensorflow" in sys.modules,
    }
    print(json.dumps(figures), flush=True)


def _first_note_ms(engine, seed: int) -> float:
    started = time.perf_counter()
    next(frame for frame in engine.stream(Request(seed=seed)) if frame.struck)
    return (time.perf_counter() - started) * 1000


def _tokens_per_second(engine, batch_size: int) -> tuple[float, float]:
    """Return the median speeds by the clock and by processor time, all of a step included."""
    by_clock, by_processor = [], []
    for repeat in range(REPEATS):
        requests = [Request(seed=repeat * 100 + row, bars=BARS) for row in range(batch_size)]
        batch, tokens = engine.batch(), 0
        clock, processor = time.perf_counter(), time.process_time()
        batch.regroup([engine.begin(request) for request in requests])
        while not any(piece.done for piece in batch.pieces):
            batch.step()
            tokens += batch_size
        by_clock.append(tokens / (time.perf_counter() - clock))
        by_processor.append(tokens / (time.process_time() - processor))
    return statistics.median(by_clock), statistics.median(by_processor)


if __name__ == "__main__":
    main(sys.argv[1])
