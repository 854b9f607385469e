"""Smoke test: does a published bundle play, in a process that knows nothing else?

``python -m musicgen.registry.smoke BUNDLE_URI`` checks every hash, makes ten pieces and reads their
MIDI back; it prints one JSON object, or one line on standard error and ends with a code above 0.
"""

import json
import subprocess
import sys
import time
from typing import Any

from musicgen.bundle import Bundle
from musicgen.errors import BadInput, MusicgenError
from musicgen.generation.engine import load_engine
from musicgen.generation.request import Request
from musicgen.music.midi import read_midi, write_midi
from musicgen.settings import PROJECT_PATH

PIECES = 10
BARS = 4
LIMIT_SECONDS = 300


class SmokeFailed(MusicgenError):
    """A bundle did not play."""


def smoke(bundle_uri: str) -> dict[str, Any]:
    """Test a bundle in a fresh process; returns ``pieces``, ``notes`` and ``seconds_per_piece``.

    Raises:
        SmokeFailed: it did not play; the message says what happened.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "musicgen.registry.smoke", bundle_uri],
            cwd=PROJECT_PATH,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise SmokeFailed(f"{bundle_uri} played no {PIECES} pieces in {LIMIT_SECONDS} s.") from None
    if done.returncode:
        words = done.stderr.strip().rpartition("\n")[2] or f"exit code {done.returncode}"
        raise SmokeFailed(words)
    return json.loads(done.stdout.strip().rpartition("\n")[2])


def play_and_read_back(bundle_uri: str) -> dict[str, Any]:
    """Make ten pieces, for the model's composers and ensembles in turn.

    Raises:
        BadInput: the bundle is not what was committed, or cannot be played.
        SmokeFailed: a piece is no valid MIDI, or all are silent.
    """
    engine = load_engine(Bundle.load(bundle_uri))
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


def main(arguments: list[str]) -> int:
    """Test the bundle named on the command line."""
    if len(arguments) != 1:
        print("usage: python -m musicgen.registry.smoke BUNDLE_URI", file=sys.stderr)
        return 2
    try:
        print(json.dumps(play_and_read_back(arguments[0])))
    except MusicgenError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, BadInput) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
