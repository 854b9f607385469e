"""How far generated music is from held-out music, where published GANs of piano rolls stand."""

from dataclasses import dataclass

import numpy as np

from musicgen.evaluation.excerpt_set import ExcerptSet
from musicgen.evaluation.measures.frames import (
    BARS,
    STEPS_PER_BAR,
    STEPS_PER_BEAT,
    chroma,
    onsets,
    sounding,
)
from musicgen.evaluation.measures.harmony import tonal_distances
from musicgen.evaluation.neighbours import diversity
from musicgen.evaluation.resampling import bootstrap_weights, interval
from musicgen.music.grid import GridScore


@dataclass(frozen=True)
class Goal:
    """What a gap should come down to.

    Attributes:
        goal: to be reached.
        summit: better than anything published.
        relative: the gap is a share of the held-out value; else a difference.
        published: the best known gap, for people.
    """

    goal: float
    summit: float
    relative: bool
    published: str = ""


GOALS = {
    "qualified_notes": Goal(0.10, 0.05, True, "0.11, BinaryMuseGAN"),
    "polyphonic_share": Goal(0.06, 0.03, True, "0.06, BinaryMuseGAN"),
    "empty_bars": Goal(0.02, 0.01, False, "0.02 to 0.08, MuseGAN"),
    "used_pitch_classes": Goal(0.5, 0.2, False, "0.2 to 0.8, MuseGAN"),
    "tonal_distance": Goal(0.10, 0.05, True),
}
LEAST_DIVERSITY = 0.9


@dataclass(frozen=True)
class Gap:
    """One measure of generated and of held-out music.

    Attributes:
        held_out: mean of the held-out excerpts.
        made: mean of the generated ones.
        gap: how far apart, as the goal counts it.
        interval: 95 % of the gaps lie in it when pieces are drawn anew; of a gap that is a share,
            without the draws in which the held-out value is 0.
        reached: ``summit``, ``goal`` or ``neither``.
    """

    held_out: float
    made: float
    gap: float
    interval: tuple[float, float]
    reached: str


FLOOR = "training_music"
"""What always takes part: the composers' own music, which a model can hardly surpass."""


def gaps(reference: ExcerptSet, made: ExcerptSet, seed: int) -> dict[str, Gap]:
    """Compare means of all measures that have a goal.

    Tonal distance is that of the excerpts in which two families sound in one beat: in the others
    there is none.
    """
    weights = [
        bootstrap_weights(excerpts.pieces, [seed, side])
        for side, excerpts in enumerate((reference, made))
    ]
    return {name: _gap(name, reference, made, weights) for name in GOALS}


def diversities(reference: ExcerptSet, made: ExcerptSet) -> dict[str, float]:
    """Return how diverse a set is as a share of the reference.

    ``pairwise_distance`` is over all scoring measures; ``pitch_class_patterns`` and
    ``rhythm_patterns`` are numbers of distinct bars: which pitch classes sound in each beat, and in
    which sixteenths notes begin; of as many excerpts on either side.
    """
    count = min(len(reference.scores), len(made.scores))
    each = [np.ones((1, len(excerpts.scores))) for excerpts in (reference, made)]
    shares = {"pairwise_distance": float(diversity(reference, made, *each)[0])}
    for name, pattern in (
        ("pitch_class_patterns", _pitch_class_bars),
        ("rhythm_patterns", _rhythm_bars),
    ):
        own, real = (_distinct(pattern, part.scores[:count]) for part in (made, reference))
        shares[name] = own / real
    return shares


def _gap(name: str, reference: ExcerptSet, made: ExcerptSet, weights: list[np.ndarray]) -> Gap:
    sides = []
    for part, drawn in zip((reference, made), weights, strict=True):
        values, counted = part.features[name][:, 0], _counted(name, part)
        sides.append((_means(values, counted[None])[0], _means(values, drawn * counted)))
    (real, drawn_real), (own, drawn_own) = sides
    wanted = GOALS[name]
    # Of held-out music that has none of it, a share means nothing: the difference stands.
    is_share = wanted.relative and real > 0
    gap = float(abs(own - real) / (real if is_share else 1))
    reached = "summit" if gap <= wanted.summit else "goal" if gap <= wanted.goal else "neither"
    resampled = np.abs(drawn_own - drawn_real)
    if is_share:
        resampled = resampled[drawn_real > 0] / drawn_real[drawn_real > 0]
    return Gap(float(real), float(own), gap, interval(resampled), reached)


def _counted(name: str, part: ExcerptSet) -> np.ndarray:
    """Return 1 for the excerpts that can have the measure, else 0."""
    if name != "tonal_distance":
        return np.ones(len(part.scores))
    return np.array([float(len(tonal_distances(score)) > 0) for score in part.scores])


def _means(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return weighted means ``(resamples,)``; of nothing it is 0."""
    return weights @ values / np.maximum(weights.sum(1), 1e-9)


def _distinct(pattern, scores: list[GridScore]) -> int:
    return len({bar.tobytes() for score in scores for bar in pattern(score)})


def _pitch_class_bars(score: GridScore) -> np.ndarray:
    beats = chroma(sounding(score)).reshape(-1, STEPS_PER_BEAT, 12).any(1)
    return beats.reshape(BARS, -1)


def _rhythm_bars(score: GridScore) -> np.ndarray:
    return onsets(score).any(1).reshape(BARS, STEPS_PER_BAR)
