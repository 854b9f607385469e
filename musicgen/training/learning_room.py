"""A page on which people hear a model learn: what it made after some epochs, side by side."""

import numpy as np
import pyarrow.compute as pc

from musicgen import storage
from musicgen.bundle import Bundle
from musicgen.generation.engine import load_engine
from musicgen.generation.request import UNKNOWN, Request
from musicgen.listening.palette import REAL, candidate_colour
from musicgen.listening.room import Player, Row, asked_for, room_page
from musicgen.preprocess.dataset import Dataset
from musicgen.representation.pianoroll import BARS, from_active_cells, from_roll
from musicgen.training.checkpoints import read_checkpoints
from musicgen.training.samples import sample_requests
from musicgen.training.task import Task

PAGE = "listening.html"
MOST_CHECKPOINTS = 6
ROWS = 2
INTRODUCTION = "The same requests, with the same seeds, after more and more training."
REAL_MUSIC = (
    " Where real music stands beside them, it is of the kind that was asked for, and the model "
    "never met it."
)


def write_learning_room(task: Task, kept: Bundle | None = None) -> bytes:
    """Write the page of a training's checkpoints to the bucket, and return it.

    Args:
        task: the training.
        kept: its best model, once it is over; before, there must be a checkpoint.

    Raises:
        MusicgenError: a model cannot be played.
    """
    checkpoints = read_checkpoints(task.uri, MOST_CHECKPOINTS)
    models = {_caption(name): bundle for name, bundle in checkpoints.items()}
    if kept:
        models["the best, kept"] = kept
    engines = {name: load_engine(bundle) for name, bundle in models.items()}
    first = next(iter(models.values()))
    rows, introduction = [], INTRODUCTION
    for request in sample_requests(first, ROWS, BARS):
        made = [
            Player(name, candidate_colour(0), engine.generate([request])[0])
            for name, engine in engines.items()
        ]
        if real := _real_music(task.dataset, request):
            introduction = INTRODUCTION + REAL_MUSIC
        title = asked_for(request.composer, request.ensemble)
        rows.append(Row(title, [*real, *made]))
    page = room_page(f"How this {first.family.upper()} learned", introduction, rows).encode()
    storage.write_bytes(storage.join(task.uri, PAGE), page)
    return page


def _caption(checkpoint: str) -> str:
    word, _, number = checkpoint.partition("-")
    return f"{word} {int(number)}"


def _real_music(dataset: Dataset, request: Request) -> list[Player]:
    """Return a player of an excerpt of the valid split that answers the request, if there is."""
    score = next(_excerpts(dataset, request), None)
    return [Player("real music", REAL, score)] if score else []


def _excerpts(dataset: Dataset, request: Request):
    columns = ("composer", "ensemble", "tempo_qpm", "cells")
    for table in dataset.parts("pianorolls", columns, "valid"):
        for name in ("composer", "ensemble"):
            if getattr(request, name) != UNKNOWN:
                table = table.filter(pc.equal(table[name], getattr(request, name)))
        for row in table.slice(0, 1).to_pylist():
            roll = from_active_cells(np.array(row["cells"], np.int32))
            yield from_roll(roll, row["tempo_qpm"])
