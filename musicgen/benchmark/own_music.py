"""The composers' own music, asked for as models are: what a perfect model would answer."""

from dataclasses import replace

import numpy as np

from musicgen.evaluation.excerpt_set import ExcerptSet, real
from musicgen.evaluation.excerpts import Excerpt, read_excerpts
from musicgen.preprocess.dataset import Dataset

MOST_EXCERPTS = 10_000


def own_music(dataset: Dataset, held_out: list[Excerpt], seed: int) -> ExcerptSet:
    """Answer each held-out excerpt by one of the training split that bears the same labels.

    Where composer and ensemble never meet there, the same ensemble has to do, then anything.
    """
    music = read_excerpts(dataset, "train", MOST_EXCERPTS, seed)
    random = np.random.default_rng(seed)
    chosen = [_drawn(_alike(music, excerpt), random) for excerpt in held_out]
    return replace(real(chosen), answers=False)


def _alike(music: list[Excerpt], asked: Excerpt) -> list[Excerpt]:
    ensemble = [each for each in music if each.ensemble == asked.ensemble]
    return [each for each in ensemble if each.composer == asked.composer] or ensemble or music


def _drawn(music: list[Excerpt], random: np.random.Generator) -> Excerpt:
    return music[random.integers(len(music))]
