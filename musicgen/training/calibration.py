"""How thickly each ensemble plays and how much it moves, set right by what the training music does.

All that a generator learns it shares among ensembles, but for a few numbers: of what many rolls
teach, a rare ensemble gets too much, and a solo cello comes out as thick as a quartet, and as slow.
"""

import keras
import numpy as np

from musicgen.models.roll_prior import LEVELS
from musicgen.models.rolls import binary_roll
from musicgen.representation.pianoroll import BARS
from musicgen.training.measured_prior import RAREST, ranked_voices
from musicgen.training.rolls import Rolls

MOST_ROLLS = 48
"""So many rolls of an ensemble are looked at, and made."""

TRIED, MOST = 2.0, 4.0
"""What is tried on the logits of the finest level's pace to see what it does, and at most done."""


def calibrate(generator: keras.Model, rolls: Rolls, seed: int) -> None:
    """Let each ensemble play as thickly, and move as much, as in its training rolls.

    The k-th voice sounds as often as a k-th highest note is heard, and in a bar there are as many
    pitch classes.

    Args:
        generator: whose tables of presence and pace are set; rows of ensembles without rolls stay.
        rolls: the training rolls.
        seed: of the rolls that are looked at, and of those that are made.
    """
    random = np.random.default_rng(seed)
    for ensemble in sorted({0, *rolls.ensemble.tolist()}):
        rows = rolls.some(ensemble, MOST_ROLLS, random)
        asked = {
            "latent": random.normal(size=(len(rows), *generator.input["latent"].shape[1:])),
            "composer": rolls.composer[rows],
            "ensemble": np.full(len(rows), ensemble),
        }
        heard = rolls.dense(rows).any(-1)
        voices = generator(asked)
        less = _too_much_presence(voices["sounding"].numpy(), heard)
        table = generator.get_layer("voices").tables["presence_of_ensemble"]
        presence = table.numpy()
        presence[ensemble] -= less
        table.assign(presence)
        voices["sounding"] -= less.astype(np.float32)
        _set_pace(generator, ensemble, asked, voices, heard)


def _too_much_presence(sounding: np.ndarray, heard: np.ndarray) -> np.ndarray:
    """Return what to take off the logits ``(R, steps, V)`` of voices that sound too often."""
    pitch, _ = ranked_voices(heard, sounding.shape[-1])
    silent = 1 - np.clip((pitch >= 0).mean((0, 1)), RAREST, 1 - RAREST)
    pairs = zip(sounding.reshape(-1, len(silent)).T, silent, strict=True)
    return np.array([np.quantile(of_voice, share) for of_voice, share in pairs])


def _set_pace(
    generator: keras.Model, ensemble: int, asked: dict, voices: dict, heard: np.ndarray
) -> None:
    """Move some of the motion of pitch to finer levels of time, or to coarser ones.

    Args:
        generator: whose pace to set.
        ensemble: of which one.
        asked: what the generator is asked to play,
        voices: and how it does.
        heard: where notes sound in training rolls ``(R, steps, PITCHES, F)``.
    """
    tables = [generator.get_layer(f"{name}_pace").of_ensemble for name in ("harmony", "heading")]
    learned = [table.numpy() for table in tables]

    def move(by: float) -> None:
        for table, rows in zip(tables, learned, strict=True):
            moved = rows.copy()
            moved[ensemble] += by * np.linspace(0, 1, LEVELS)
            table.assign(moved)

    def used(voices: dict) -> float:
        return used_pitch_classes(binary_roll(**voices).numpy().any(-1))

    wanted, now = used_pitch_classes(heard), used(voices)
    tried = TRIED if now < wanted else -TRIED
    move(tried)
    # About linear, as far as we go; where it does next to nothing, it is left alone.
    each = (used(generator(asked)) - now) / tried
    move(np.clip((wanted - now) / each, -MOST, MOST) if each > 0.01 else 0.0)


def used_pitch_classes(sounding: np.ndarray) -> float:
    """Return how many pitch classes sound in a bar, mean over bars that sound; 0 if none does.

    Args:
        sounding: ``bool (R, steps, PITCHES, F)``.
    """
    in_bars = sounding.any(-1).reshape(len(sounding), BARS, -1, sounding.shape[2] // 12, 12)
    found = in_bars.any((2, 3)).sum(-1)
    return float(found[found > 0].mean()) if found.any() else 0.0
