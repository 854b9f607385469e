"""What can be told of piano rolls, ``bool (R, *SHAPE)``, generated or real, at a glance."""

from itertools import combinations

import numpy as np

from musicgen.music.family import Family
from musicgen.music.tonality import TONAL_CENTROIDS
from musicgen.representation.pianoroll import BARS, PITCHES, STEPS_PER_BEAT


def attack_steps(rolls: np.ndarray) -> np.ndarray:
    """Return in how many steps notes are struck ``(R,)``, of rolls ``bool (R, *SHAPE)``."""
    return rolls[..., 0].any((2, 3)).sum(1)


def attack_spread(rolls: np.ndarray, ensemble: np.ndarray) -> float:
    """Return by how much the logarithms of ``attack_steps`` differ within ensembles; 0 if nothing.

    Args:
        rolls: ``bool (R, *SHAPE)``.
        ensemble: of each roll ``(R,)``.
    """
    steps = np.log1p(attack_steps(rolls))
    means = {each: steps[ensemble == each].mean() for each in np.unique(ensemble)}
    return float(np.std(steps - np.array([means[each] for each in ensemble])))


def used_pitch_classes(rolls: np.ndarray) -> float:
    """Return how many pitch classes sound in a bar, mean over bars that sound; 0 if none does.

    Args:
        rolls: ``bool (R, *SHAPE)``.
    """
    sounds = rolls.any((3, 4))
    in_bars = sounds.reshape(len(rolls), BARS, -1, sounds.shape[2] // 12, 12)
    found = in_bars.any((2, 3)).sum(-1)
    return float(found[found > 0].mean()) if found.any() else 0.0


def tonal_distance(rolls: np.ndarray) -> float | None:
    """Return how far apart two families are in tonal space, mean over beats in which both sound.

    None where no two ever do. See ``evaluation.measures.harmony.tonal_distance``, of a score.

    Args:
        rolls: ``bool (R, *SHAPE)``.
    """
    octaves = rolls.any(-1).reshape(-1, STEPS_PER_BEAT, PITCHES // 12, 12, len(Family))
    chroma = octaves.sum((1, 2)).swapaxes(1, 2)  # (beats, F, 12)
    notes = chroma.sum(-1, keepdims=True)
    first, second = np.transpose(list(combinations(range(len(Family)), 2)))
    both = (notes[:, first] * notes[:, second])[..., 0] > 0
    centroids = chroma @ TONAL_CENTROIDS / np.maximum(notes, 1)
    apart = np.linalg.norm(centroids[:, first] - centroids[:, second], axis=-1)
    return float(apart[both].mean()) if both.any() else None
