"""Requests as people sent them to the API, sent again to see whether a model still answers."""

import json
import time
from dataclasses import dataclass
from importlib import resources

from musicgen.errors import MusicgenError
from musicgen.generation.engine import Engine
from musicgen.generation.request import UNKNOWN, Request
from musicgen.music.grid import GridScore
from musicgen.music.midi import read_midi, write_midi

ROUNDS = 3
STEPS_PER_BAR = 16


class ReplayFailed(MusicgenError):
    """A model gave no fit answer to a request."""


@dataclass(frozen=True)
class Replay:
    """How a model answered.

    Attributes:
        requests: how many were sent.
        seconds_per_piece: of making one alone, the best of three rounds, mean over the requests.
    """

    requests: int
    seconds_per_piece: float


def recorded_requests(engine: Engine) -> list[Request]:
    """Return the recorded requests; names that the model never met become ``unknown``."""
    text = resources.files("musicgen.registry").joinpath("recorded_requests.json").read_text()
    return [
        Request(
            **{
                **body,
                "composer": _known(body.get("composer", UNKNOWN), engine.composers),
                "ensemble": _known(body.get("ensemble", UNKNOWN), engine.ensembles),
            }
        )
        for body in json.loads(text)
    ]


def replay(engine: Engine) -> Replay:
    """Send every recorded request three times, alone, as the API would.

    Raises:
        ReplayFailed: an answer is of another length than was asked for, is no valid MIDI, or is
            not the same each time.
    """
    requests = recorded_requests(engine)
    best = [float("inf")] * len(requests)
    first: list[GridScore] = []
    for number in range(ROUNDS):
        for index, request in enumerate(requests):
            start = time.perf_counter()
            score = engine.generate([request])[0]
            best[index] = min(best[index], time.perf_counter() - start)
            if number == 0:
                _check(request, score)
                first.append(score)
            elif not (first[index].notes == score.notes).all():
                raise ReplayFailed(f"{request} was answered with other music the second time.")
    return Replay(len(requests), sum(best) / len(best))


def _check(request: Request, score: GridScore) -> None:
    if score.length_steps != request.bars * STEPS_PER_BAR:
        raise ReplayFailed(f"{request} was answered with {score.length_steps} steps.")
    if len(score.notes) and len(read_midi(write_midi(score)).notes) != len(score.notes):
        raise ReplayFailed(f"{request} was answered with what does not survive MIDI.")


def _known(name: str, names: list[str]) -> str:
    return name if name in names else UNKNOWN
