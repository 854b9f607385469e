"""How thickly each ensemble plays, set right by what the training music does."""

import keras
import numpy as np

from musicgen.training.measured_prior import RAREST, ranked_voices
from musicgen.training.rolls import Rolls

MOST_ROLLS = 48
"""So many rolls of an ensemble are looked at, and made."""


def calibrate_presence(generator: keras.Model, rolls: Rolls, seed: int) -> None:
    """Let the voices of each ensemble sound as often as they do in its training rolls.

    All that a generator learns it shares among ensembles, but for a few numbers: of what many rolls
    teach, a rare ensemble gets too much, and a solo cello comes out as thick as a quartet. The k-th
    voice sounds as often as a k-th highest note is heard.

    Args:
        generator: whose table of presence is set; rows of ensembles without rolls stay.
        rolls: the training rolls.
        seed: of the rolls that are looked at, and of those that are made.
    """
    table = generator.get_layer("voices").tables["presence_of_ensemble"]
    presence = table.numpy()
    random = np.random.default_rng(seed)
    for ensemble in sorted({0, *rolls.ensemble.tolist()}):
        rows = rolls.some(ensemble, MOST_ROLLS, random)
        made = generator(
            {
                "latent": random.normal(size=(len(rows), *generator.input["latent"].shape[1:])),
                "composer": rolls.composer[rows],
                "ensemble": np.full(len(rows), ensemble),
            }
        )
        heard, _ = ranked_voices(rolls.dense(rows).any(-1), presence.shape[1])
        silent = 1 - np.clip((heard >= 0).mean((0, 1)), RAREST, 1 - RAREST)
        logits = made["sounding"].numpy().reshape(-1, len(silent))
        pairs = zip(logits.T, silent, strict=True)
        presence[ensemble] -= [np.quantile(of_voice, share) for of_voice, share in pairs]
    table.assign(presence)
