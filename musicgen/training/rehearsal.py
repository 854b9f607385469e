"""A generator plays the same pieces again and again, while it is set right."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from musicgen.models.rolls import binary_roll
from musicgen.training.rolls import Rolls

PIECES = 64
"""So many are played at once, always: what is compiled is compiled for that number. It is even."""

LOOKS = 4
"""So often it is looked at what comes of a setting, at most."""

LEAST = 0.01
"""What moves a measure by a smaller share of what is wanted is left alone; so near is enough."""

Pieces = dict[str, np.ndarray]
"""What pieces are asked for by: ``latent``, ``composer`` and ``ensemble``, as ``MusicGAN`` does."""


class Rehearsal:
    """Lets a generator play pieces like training rolls.

    Args:
        generator: what plays.
        rolls: the training rolls.
        random: draws latent vectors.
    """

    def __init__(self, generator: keras.Model, rolls: Rolls, random: np.random.Generator) -> None:
        self.generator = generator
        self._rolls = rolls
        self._random = random
        self._compiled = tf.function(self._heard)

    def pieces_like(self, rows: np.ndarray, batches: int = 1) -> Pieces:
        """Return pieces with the labels of some rolls, again and again if these are fewer."""
        rows = np.resize(rows, batches * PIECES)
        # To each piece its opposite: so their mean depends less on the draw.
        half = self._random.normal(size=(len(rows) // 2, *self.generator.input["latent"].shape[1:]))
        latent = np.concatenate([half, -half]).astype(np.float32)
        labels = {"composer": self._rolls.composer[rows], "ensemble": self._rolls.ensemble[rows]}
        return {"latent": latent, **labels}

    def play(self, pieces: Pieces) -> tuple[np.ndarray, np.ndarray]:
        """Return the rolls of pieces, and the logits by which their voices sound.

        Returns:
            ``bool (R, *SHAPE)`` and ``(R, steps, V)``.
        """
        starts = range(0, len(pieces["latent"]), PIECES)
        heard = [
            self._compiled({name: value[i : i + PIECES] for name, value in pieces.items()})
            for i in starts
        ]
        rolls, sounding = (np.concatenate(each) for each in zip(*heard, strict=True))
        return rolls > 0.5, sounding

    def _heard(self, pieces):
        voices = self.generator(pieces)
        return binary_roll(**voices), voices["sounding"]


def tune(
    turn: Callable[[float], None],
    measure: Callable[[], float],
    wanted: float,
    tried: float,
    most: float,
) -> None:
    """Turn what makes a measure higher until it is as wanted, about: by a secant.

    Args:
        turn: turns it by so much from where it is now.
        measure: what comes of it.
        wanted: what should.
        tried: how far to turn it, to see what that does.
        most: how far to turn it, at most.
    """

    def look(at: float) -> tuple[float, float]:
        turn(at)
        return at, measure()

    looks = [look(0.0)]
    ahead = tried if looks[0][1] < wanted else -tried
    while len(looks) < LOOKS and ahead != looks[-1][0]:
        looks.append(look(ahead))
        (before, was), (at, found) = looks[-2:]
        slope = (found - was) / (at - before)
        if slope < LEAST * abs(wanted) or abs(found - wanted) < LEAST * abs(wanted):
            break
        ahead = float(np.clip(at + (wanted - found) / slope, -most, most))
    turn(min(looks, key=lambda each: abs(each[1] - wanted))[0])
