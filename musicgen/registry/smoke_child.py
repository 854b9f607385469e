"""The other side of ``smoke``: what is done in the process that knows nothing else.

``python -m musicgen.registry.smoke_child BUNDLE_URI [--champion URI] [--requests URI]`` checks
every hash, makes ten pieces and reads their MIDI back, replays requests, those that people sent the
API lately among them, and takes the champion's time beside its own; it prints one JSON object.
Where the bundle does not play, it prints one line on standard error and ends with a code of its
own; any other end says nothing of the bundle.
"""

import argparse
import json
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from musicgen import storage
from musicgen.bundle import Bundle
from musicgen.errors import MusicgenError
from musicgen.generation.engine import Engine, load_engine
from musicgen.generation.request import Request
from musicgen.music.midi import read_midi, write_midi
from musicgen.registry.budgets import budget_gates
from musicgen.registry.recorded import recorded
from musicgen.registry.replay import replay
from musicgen.registry.smoke import DOES_NOT_PLAY, SmokeFailed

logger = logging.getLogger(__name__)

PIECES = 10
BARS = 4


def examine(
    bundle_uri: str, champion_uri: str | None = None, requests_uri: str | None = None
) -> dict[str, Any]:
    """Test a bundle in this process.

    Args:
        bundle_uri: what is to be tested.
        champion_uri: whose time is taken beside it.
        requests_uri: what people asked for lately; see ``layout.requests_uri``.

    Returns:
        ``pieces`` and ``notes`` made, ``seconds_per_piece`` of making them all at once; how many
        requests were ``replayed``, how many of them were ``recorded``, and ``latency_seconds``, the
        champion's as ``champion_latency_seconds`` (None without one); ``gates`` for latency and
        size.

    Raises:
        BadInput: the bundle is not what was committed, or cannot be played.
        SmokeFailed: a piece is no valid MIDI, all are silent, or playing failed in any other way.
        ReplayFailed: a request found no fit answer.
    """
    bundle = Bundle.load(bundle_uri)
    asked = recorded(requests_uri) if requests_uri else []
    with _playing(bundle_uri):
        engine = load_engine(bundle)
        played = _play_and_read_back(engine, bundle_uri)
        answered = replay(engine, asked)
    champion_seconds = _champion_seconds(champion_uri, asked)
    size_bytes = storage.size_bytes(bundle_uri)
    return {
        **played,
        "replayed": answered.requests,
        "recorded": answered.recorded,
        "latency_seconds": answered.seconds_per_piece,
        "champion_latency_seconds": champion_seconds,
        "gates": budget_gates(answered.seconds_per_piece, champion_seconds, size_bytes),
    }


@contextmanager
def _playing(bundle_uri: str) -> Iterator[None]:
    """Hold any error against the bundle, but those of a machine or installation in trouble."""
    try:
        yield
    except (MusicgenError, ImportError, MemoryError, OSError):
        raise
    except Exception as error:
        words = str(error).partition("\n")[0]
        raise SmokeFailed(f"{bundle_uri}: {type(error).__name__}: {words}") from error


def _play_and_read_back(engine: Engine, bundle_uri: str) -> dict[str, Any]:
    """Make ten pieces, for the model's composers and ensembles in turn."""
    requests = [
        Request(
            seed,
            engine.composers[seed % len(engine.composers)],
            engine.ensembles[seed % len(engine.ensembles)],
            BARS,
        )
        for seed in range(PIECES)
    ]
    start = time.perf_counter()
    scores = engine.generate(requests)
    seconds = time.perf_counter() - start
    notes = 0
    for score in scores:
        if len(score.notes):
            notes += len(read_midi(write_midi(score)).notes)
    expected = sum(len(score.notes) for score in scores)
    if notes != expected:
        raise SmokeFailed(f"{bundle_uri}: {expected} notes became {notes} on the way through MIDI.")
    if not notes:
        raise SmokeFailed(f"{bundle_uri}: all {PIECES} pieces are silent.")
    return {"pieces": len(scores), "notes": notes, "seconds_per_piece": seconds / len(scores)}


def _champion_seconds(champion_uri: str | None, asked: list[Request]) -> float | None:
    """Take the champion's time; one that fails itself sets no measure."""
    if champion_uri is None:
        return None
    try:
        champion = Bundle.load(champion_uri)
        with _playing(champion_uri):
            return replay(load_engine(champion), asked).seconds_per_piece
    except MusicgenError as error:
        logger.warning("The champion cannot be timed: %s", error)
        return None


def main(arguments: list[str]) -> int:
    """Test the bundle named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m musicgen.registry.smoke_child")
    parser.add_argument("bundle")
    parser.add_argument("--champion")
    parser.add_argument("--requests")
    asked = parser.parse_args(arguments)
    try:
        print(json.dumps(examine(asked.bundle, asked.champion, asked.requests)))
    except MusicgenError as error:
        print(error, file=sys.stderr)
        return DOES_NOT_PLAY
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
