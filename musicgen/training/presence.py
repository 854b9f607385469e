"""How thickly each ensemble plays, set right by what the training music does."""

import keras
import numpy as np
from scipy.special import ndtr, ndtri

from musicgen.music.family import Family
from musicgen.training.measured_prior import RAREST, ranked_voices
from musicgen.training.roll_batches import Rolls

MOST_ROLLS = 48
"""So many rolls of an ensemble are looked at, and made."""

FARTHEST = 3.0
HALVINGS = 12
"""How far beyond what is wanted voices may be moved, as normal quantiles, and how finely."""


def calibrate_presence(generator: keras.Model, rolls: Rolls, seed: int) -> None:
    """Let the voices of each ensemble sound as often as they do in its training rolls.

    All that a generator learns it shares among ensembles, but for a few numbers: of what many rolls
    teach, a rare ensemble gets too much, and a solo cello comes out as thick as a quartet.

    Args:
        generator: whose table of presence is set; rows of ensembles without rolls stay.
        rolls: the training rolls.
        seed: of the rolls that are looked at, and of those that are made.
    """
    table = generator.get_layer("voices").tables["presence_of_ensemble"]
    presence = table.numpy()
    random = np.random.default_rng(seed)
    for ensemble in sorted({0, *rolls.ensemble.tolist()}):  # nobody names 0, so it is all music
        of_it = np.flatnonzero((rolls.ensemble == ensemble) | (ensemble == 0))
        rows = np.sort(random.permutation(of_it)[:MOST_ROLLS])
        made = generator(
            {
                "latent": random.normal(size=(len(rows), *generator.input["latent"].shape[1:])),
                "composer": rolls.composer[rows],
                "ensemble": np.full(len(rows), ensemble),
            }
        )
        heard, _ = ranked_voices(rolls.dense(rows).any(-1), presence.shape[1])
        presence[ensemble] += _offsets({name: x.numpy() for name, x in made.items()}, heard >= 0)
    table.assign(presence)


def _offsets(made: dict[str, np.ndarray], heard: np.ndarray) -> np.ndarray:
    """Return what to add to the presence of voices ``(V,)``, so that they sound as is heard.

    The k-th voice shall sound as often as the k-th highest note is heard. But voices that meet are
    one note, so all sound more often than that, as much as it takes for as many notes.

    Args:
        made: logits as ``Voices`` returns them.
        heard: whether a k-th highest note sounds ``(R, steps, V)``.
    """
    wanted = ndtri(np.clip(heard.mean((0, 1)), RAREST, 1 - RAREST))
    family = made["families"].argmax(-1)[:, None]
    note = made["pitches"].argmax(2) * len(Family) + family

    def offsets(more: float) -> np.ndarray:
        silent = 1 - ndtr(wanted + more)
        pairs = zip(made["sounding"].reshape(-1, len(wanted)).T, silent, strict=True)
        return np.array([-np.quantile(logits, share) for logits, share in pairs])

    low, high = -FARTHEST, FARTHEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        sounds = made["sounding"] + offsets(middle) >= 0
        too_few = _notes(note, sounds) < heard.sum(-1).mean()
        low, high = (middle, high) if too_few else (low, middle)
    return offsets(high)


def _notes(note: np.ndarray, sounds: np.ndarray) -> float:
    """Return how many different notes sound at a step, on average."""
    ordered = np.sort(np.where(sounds, note, -1), -1)
    first = np.diff(ordered, axis=-1, prepend=-1) > 0
    return float(first.sum(-1).mean())
