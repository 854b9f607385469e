"""``musicgen benchmark serving``: the service's goals, and the naive service beside it."""

import logging
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from musicgen.benchmark.serving import scenes
from musicgen.benchmark.serving.fuzz import fuzz
from musicgen.benchmark.serving.stage import Server, make_bucket, serving

logger = logging.getLogger(__name__)

OURS = "musicgen.benchmark.serving.ours"
NAIVE = "musicgen.benchmark.serving.naive"


@dataclass(frozen=True)
class ServingResult:
    """What was measured.

    Attributes:
        load_average: of the machine, before and after: what else it had to do.
        cores: how many there are, clients' share included.
        scenes: figures by scene.
    """

    load_average: list[float]
    cores: int
    scenes: dict[str, dict[str, Any]]


def measure(
    bucket_uri: str, seconds: float, swaps: int, fuzz_examples: int, soak_seconds: float
) -> ServingResult:
    """Serve a copy of the LSTM's champion and put it under load from this process.

    Args:
        bucket_uri: where the champion is.
        seconds: length of each scene.
        swaps: how often to swap the champion under load.
        fuzz_examples: cases for each operation, 0 for none.
        soak_seconds: length of the soak, 0 for none.

    Raises:
        BadInput: there is no champion of the LSTM.
    """
    load = [round(os.getloadavg()[0], 1)]
    with tempfile.TemporaryDirectory(prefix="musicgen-serving-") as folder:
        path = Path(folder)
        copy_uri = make_bucket(bucket_uri, path / "bucket")
        with serving(OURS, copy_uri, path / "ours") as server:
            found = _ours(server, copy_uri, seconds, swaps, soak_seconds)
            if fuzz_examples:
                logger.info("fuzzing")
                found["fuzzing"] = fuzz(server, fuzz_examples, path)
        with serving(NAIVE, copy_uri, path / "naive") as server:
            logger.info("naive service")
            found["naive service"] = uvloop.run(scenes.naive(server, 40))
    return ServingResult([*load, round(os.getloadavg()[0], 1)], os.cpu_count() or 0, found)


def _ours(
    server: Server, bucket_uri: str, seconds: float, swaps: int, soak_seconds: float
) -> dict[str, dict[str, Any]]:
    plan: dict[str, Callable] = {
        "first note, idle": lambda: scenes.first_note(server, 0, 100),
        "first note, 64 streams": lambda: scenes.first_note(server, 64, 50),
        "64 live sessions": lambda: scenes.live(server, 64, seconds),
        "128 live sessions": lambda: scenes.live(server, 128, seconds),
        "one stream": lambda: scenes.speed(server, 1, seconds),
        "64 streams together": lambda: scenes.speed(server, 64, seconds),
        "overload x 10": lambda: scenes.overload(server, seconds),
        "files to refuse": lambda: scenes.bombs(server, 20),
        "swaps": lambda: scenes.swaps(server, bucket_uri, swaps),
    }
    if soak_seconds:
        plan["soak"] = lambda: scenes.soak(server, soak_seconds)
    found = {}
    for name, scene in plan.items():
        logger.info("%s", name)
        found[name] = uvloop.run(scene())
        logger.info("%s", found[name])
    return found
