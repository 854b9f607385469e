"""Requests as people send them to the API, sent to see whether a model answers, and how soon."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib import resources

import numpy as np

from musicgen.errors import MusicgenError
from musicgen.generation.engine import Engine
from musicgen.generation.request import UNKNOWN, Request
from musicgen.music.grid import GridScore
from musicgen.music.midi import read_midi, write_midi

ROUNDS = 3
STEPS_PER_BAR = 16
MOST_BARS = 256
"""Of recorded requests, all together: the newest that fit, so that a replay ends in good time."""


class ReplayFailed(MusicgenError):
    """A model gave no fit answer to a request."""


@dataclass(frozen=True)
class Replay:
    """How a model answered.

    Attributes:
        requests: how many were sent.
        recorded: how many of them people had sent.
        seconds_per_piece: of making one alone, the best of three rounds, mean over the requests.
    """

    requests: int
    recorded: int
    seconds_per_piece: float


def usual_requests() -> list[Request]:
    """Return the requests that every model is sent, whatever people asked for."""
    text = resources.files("musicgen.registry").joinpath("usual_requests.json").read_text()
    return [Request(**fields) for fields in json.loads(text)]


def in_names_of(engine: Engine, requests: Iterable[Request]) -> list[Request]:
    """Return requests with each name that the model never met made ``unknown``."""
    return [
        replace(
            request,
            composer=_known(request.composer, engine.composers),
            ensemble=_known(request.ensemble, engine.ensembles),
        )
        for request in requests
    ]


def replay(engine: Engine, recorded: Sequence[Request] = ()) -> Replay:
    """Send the usual requests and the recorded ones three times, each alone, as the API would.

    Args:
        engine: the model.
        recorded: newest first; see ``recorded.recorded``.

    Raises:
        ReplayFailed: an answer is of another length than was asked for, is no valid MIDI, or is
            not the same each time.
    """
    chosen = _newest(recorded)
    requests = in_names_of(engine, [*usual_requests(), *chosen])
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
            elif not np.array_equal(first[index].notes, score.notes):
                raise ReplayFailed(f"{request} was answered with other music the second time.")
    return Replay(len(requests), len(chosen), sum(best) / len(best))


def _newest(recorded: Sequence[Request]) -> list[Request]:
    """Return the first requests, as many as keep within the limit of bars."""
    chosen: list[Request] = []
    bars = 0
    for request in recorded:
        bars += request.bars
        if bars > MOST_BARS:
            break
        chosen.append(request)
    return chosen


def _check(request: Request, score: GridScore) -> None:
    if score.length_steps != request.bars * STEPS_PER_BAR:
        raise ReplayFailed(f"{request} was answered with {score.length_steps} steps.")
    if len(score.notes) and len(read_midi(write_midi(score)).notes) != len(score.notes):
        raise ReplayFailed(f"{request} was answered with what does not survive MIDI.")


def _known(name: str, names: list[str]) -> str:
    return name if name in names else UNKNOWN
