"""By how much pieces differ in pace, set right for all ensembles at once.

A critic that hears one piece at a time has no ear for that: after a training pieces differ less
than those of the training music do.
"""

import keras
import numpy as np

from musicgen.models.pace import raised
from musicgen.training.rehearsal import PIECES, Rehearsal, tune
from musicgen.training.roll_measures import attack_spread
from musicgen.training.rolls import Rolls

PACED = ("harmony", "heading", "presence", "restrike")

BATCHES = 4
"""So many batches of pieces are made, and rolls looked at."""

TRIED, MOST = np.log(1.5), np.log(2)
"""Logarithms of factors: what to try, and by how much to change the variety at most."""


def set_variety(rehearsal: Rehearsal, rolls: Rolls, random: np.random.Generator) -> None:
    """Let pieces differ in pace as training rolls do.

    Args:
        rehearsal: of the generator to set.
        rolls: the training rolls.
        random: draws some of them.
    """
    rows = random.permutation(len(rolls))[: BATCHES * PIECES]
    pieces = rehearsal.pieces_like(rows, BATCHES)

    def spread() -> float:
        return attack_spread(rehearsal.play(pieces)[0], pieces["ensemble"])

    if wanted := attack_spread(rolls.dense(rows), rolls.ensemble[rows]):
        tune(_turn_variety(rehearsal.generator), spread, wanted, TRIED, MOST)


def _turn_variety(generator: keras.Model):
    """Return what multiplies the differences of pace, by the logarithm of the factor."""
    paces = [generator.get_layer(f"{name}_pace") for name in PACED]
    learned = [(pace.of_ensemble.numpy(), pace.variety.numpy()) for pace in paces]

    def turn(by: float) -> None:
        for pace, (rows, variety) in zip(paces, learned, strict=True):
            more = variety * np.exp(by)
            pace.variety.assign(more)
            pace.of_ensemble.assign(rows + raised(variety) - raised(more))

    return turn
