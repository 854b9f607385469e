"""What a trained generator does in the mean and from piece to piece, set right by training music.

All that a generator learns it shares among ensembles, but for a few numbers: of what many rolls
teach, a rare ensemble gets too much, and a solo cello comes out as thick as a quartet, and as slow.
"""

import keras
import numpy as np

from musicgen.models.roll_prior import LEVELS
from musicgen.training.measured_prior import MOST_ROLLS, RAREST, ranked_voices
from musicgen.training.rehearsal import Pieces, Rehearsal, tune
from musicgen.training.roll_measures import tonal_distance, used_pitch_classes
from musicgen.training.rolls import Rolls
from musicgen.training.variety import set_variety

TRIED, MOST = 2.0, 8.0
"""What is tried on the logits of the finest level's pace to see what it does, and at most done."""

TRIED_PULL, MOST_PULL = np.log(1.5), np.log(3)
"""The same of the pull of harmony: logarithms of factors."""


def calibrate(generator: keras.Model, rolls: Rolls, seed: int) -> None:
    """Let a generator play like its training rolls.

    Pieces differ in pace as theirs do (``set_variety``). In each ensemble the k-th voice sounds as
    often as a k-th highest note is heard, families are as far apart in tonal space, and in a bar
    there are as many pitch classes.

    Args:
        generator: whose variety, and tables of presence, pull and pace are set; rows of ensembles
            without rolls stay.
        rolls: the training rolls.
        seed: of the rolls that are looked at, and of those that are made.
    """
    random = np.random.default_rng(seed)
    rehearsal = Rehearsal(generator, rolls, random)
    set_variety(rehearsal, rolls, random)
    for ensemble in sorted({0, *rolls.ensemble.tolist()}):
        rows = random.permutation(rolls.some(ensemble, MOST_ROLLS, random))
        pieces = rehearsal.pieces_like(rows)
        pieces["ensemble"][:] = ensemble
        real = rolls.dense(rows)
        _set_presence(rehearsal, pieces, real)
        _set_pull(rehearsal, pieces, real)
        _set_pace(rehearsal, pieces, real)


def _set_presence(rehearsal: Rehearsal, pieces: Pieces, real: np.ndarray) -> None:
    """Let the voices of an ensemble sound as often as in training rolls ``(R, *SHAPE)``."""
    _, sounding = rehearsal.play(pieces)
    pitch, _ = ranked_voices(real.any(-1), sounding.shape[-1])
    silent = 1 - np.clip((pitch >= 0).mean((0, 1)), RAREST, 1 - RAREST)
    pairs = zip(sounding.reshape(-1, len(silent)).T, silent, strict=True)
    table = rehearsal.generator.get_layer("voices").tables["presence_of_ensemble"]
    presence = table.numpy()
    presence[pieces["ensemble"][0]] -= [np.quantile(voice, share) for voice, share in pairs]
    table.assign(presence)


def _set_pull(rehearsal: Rehearsal, pieces: Pieces, real: np.ndarray) -> None:
    """Let harmony pull an ensemble's voices together as much as its families agree."""
    table = rehearsal.generator.get_layer("voices").pull_of_ensemble
    learned = table.numpy()
    to_set = np.arange(len(learned)) == pieces["ensemble"][0]

    def turn(by: float) -> None:
        table.assign(learned + by * to_set)

    def nearness() -> float:
        return -(tonal_distance(rehearsal.play(pieces)[0]) or 0.0)

    wanted = tonal_distance(real)
    if wanted is not None:
        tune(turn, nearness, -wanted, TRIED_PULL, MOST_PULL)


def _set_pace(rehearsal: Rehearsal, pieces: Pieces, real: np.ndarray) -> None:
    """Move some of an ensemble's motion of pitch to finer levels of time, or to coarser ones."""
    names = ("harmony", "heading")
    tables = [rehearsal.generator.get_layer(f"{name}_pace").of_ensemble for name in names]
    learned = [table.numpy() for table in tables]

    def turn(by: float) -> None:
        for table, rows in zip(tables, learned, strict=True):
            moved = rows.copy()
            moved[pieces["ensemble"][0]] += by * np.linspace(0, 1, LEVELS)
            table.assign(moved)

    def used() -> float:
        return used_pitch_classes(rehearsal.play(pieces)[0])

    tune(turn, used, used_pitch_classes(real), TRIED, MOST)
