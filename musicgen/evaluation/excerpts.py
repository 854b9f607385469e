"""Excerpts: four bars of a piece, what all comparisons are made on."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from musicgen.music.grid import GridScore
from musicgen.preprocess.dataset import Dataset
from musicgen.representation.pianoroll import STEPS, from_active_cells, from_roll, to_roll


@dataclass(frozen=True)
class Excerpt:
    """Four bars of a piece; ``start_steps`` says where they begin in it."""

    piece_id: str
    composer: str
    ensemble: str
    start_steps: int
    score: GridScore


def read_excerpts(dataset: Dataset, split: str, count: int, seed: int) -> list[Excerpt]:
    """Read up to ``count`` excerpts of a split, spread over its pieces as evenly as they allow.

    The excerpts are rows of the dataset's piano rolls, so they begin with a bar and hold four bars
    of 16 steps or eight of 8. The same dataset, count and seed give the same excerpts in the same
    order; a smaller count gives the first of them. Fewer come back where the split holds no more.
    """
    places = dataset.table("pianorolls", ["piece_id", "start_steps"], split)
    keys = list(zip(places["piece_id"].to_pylist(), places["start_steps"].to_pylist(), strict=True))
    chosen = {key: place for place, key in enumerate(spread(keys, count, seed))}
    found: dict[int, Excerpt] = {}
    for table in dataset.parts("pianorolls", split=split):
        keys = zip(table["piece_id"].to_pylist(), table["start_steps"].to_pylist(), strict=True)
        rows = [(row, chosen[key]) for row, key in enumerate(keys) if key in chosen]
        taken = table.take(pa.array([row for row, _ in rows], pa.int64())).to_pylist()
        found.update({place: _excerpt(row) for (_, place), row in zip(rows, taken, strict=True)})
    return [found[place] for place in sorted(found)]


def spread(places: list[tuple[str, int]], count: int, seed: int) -> list[tuple[str, int]]:
    """Choose ``count`` of the (piece, start) pairs: one of every piece, then a second, and so on.

    Which of a piece's excerpts come first, and in which order pieces come, is drawn from the seed.
    """
    random = np.random.default_rng(seed)
    by_piece: dict[str, list[tuple[str, int]]] = {}
    for place in sorted(places):
        by_piece.setdefault(place[0], []).append(place)
    queues = [[found[i] for i in random.permutation(len(found))] for found in by_piece.values()]
    queues = [queues[index] for index in random.permutation(len(queues))]
    rounds = max(map(len, queues), default=0)
    order = [queue[number] for number in range(rounds) for queue in queues if number < len(queue)]
    return order[:count]


def cut(score: GridScore, start_steps: int) -> GridScore:
    """Cut four bars as datasets do, so that a pitch beyond piano rolls counts for nobody."""
    return from_roll(to_roll(score.window(start_steps, STEPS)), score.tempo_qpm)


def _excerpt(row: dict) -> Excerpt:
    roll = from_active_cells(np.array(row["cells"], np.int32))
    score = from_roll(roll, row["tempo_qpm"])
    return Excerpt(row["piece_id"], row["composer"], row["ensemble"], row["start_steps"], score)
