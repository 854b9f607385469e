"""Where a set of excerpts stands against held-out music."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from musicgen.evaluation.catalogue import MEASURES, SCORING
from musicgen.evaluation.excerpt_set import ExcerptSet
from musicgen.evaluation.likeness import aspects, combined, likeness
from musicgen.evaluation.neighbours import diversity, told_apart
from musicgen.evaluation.overlap import overlap
from musicgen.evaluation.resampling import bootstrap_weights, halves, interval

Weights = tuple[np.ndarray, np.ndarray]
"""How often each excerpt of the reference and of the other set counts; see ``likeness``."""


@dataclass(frozen=True)
class Standing:
    """How a set compares with the reference; see docs/EVALUATION.md.

    Attributes:
        score: 0 (nothing like it) to 1 (cannot be told from it).
        interval: 95 % of the resampled scores lie in it.
        aspects: likeness by aspect, about 0 to 1; the score is made of their mean.
        measures: by measure its ``mean`` (of floats), ``likeness``, and Yang and Lerch's
            ``overlap`` and ``divergence``.
        told_apart: accuracy of a nearest-neighbour classifier, 0.5 is best.
        diversity: of the set, as a share of the reference's.
        intervals: as ``interval``, of ``told_apart``, ``diversity``, ``aspect.<aspect>``,
            ``likeness.<measure>`` of scoring measures, and the means of ``<measure>``.
        resampled: the score in every resample.
    """

    score: float
    interval: tuple[float, float]
    aspects: dict[str, float]
    measures: dict[str, dict[str, float]]
    told_apart: float
    diversity: float
    intervals: dict[str, tuple[float, float]]
    resampled: np.ndarray = field(repr=False)

    def document(self) -> dict[str, Any]:
        """Return the JSON document, without the resampled scores."""
        return {
            "score": self.score,
            "interval": list(self.interval),
            "aspects": self.aspects,
            "measures": self.measures,
            "told_apart": self.told_apart,
            "diversity": self.diversity,
            "intervals": {name: list(ends) for name, ends in self.intervals.items()},
        }


def standing(reference: ExcerptSet, other: ExcerptSet, seed: int) -> Standing:
    """Compare a set with the reference.

    Resamples draw pieces of the reference, and the answers with them: what is left out or counted
    twice is the same for all sets, so their differences can be judged draw by draw. Of a set that
    answers nothing, pieces are drawn apart.
    """
    once, each = (np.ones((1, len(excerpts.scores))) for excerpts in (reference, other))
    weights = bootstrap_weights(reference.pieces, seed)
    drawn = weights if other.answers else bootstrap_weights(other.pieces, [seed, 1])
    return _standing(reference, other, (once, each), (weights, drawn))


def standing_of_held_out(reference: ExcerptSet, seed: int) -> Standing:
    """Compare the reference with itself: one half of its pieces with the other, many times."""
    first = halves(reference.pieces, seed)
    return _standing(reference, reference, (first, 1 - first), (first, 1 - first))


def _standing(reference: ExcerptSet, other: ExcerptSet, plain: Weights, drawn: Weights) -> Standing:
    """Take values from the mean over the plain weights, intervals from the drawn ones."""
    found = likeness(reference, other, *plain, MEASURES)
    resampled = likeness(reference, other, *drawn, SCORING)
    scores = np.clip(_scores(resampled, other, drawn), 0, 1)
    sets = {
        name: (float(judge(reference, other, *plain).mean()), judge(reference, other, *drawn))
        for name, judge in (("told_apart", told_apart), ("diversity", diversity))
    }
    intervals = {f"aspect.{name}": interval(values) for name, values in aspects(resampled).items()}
    intervals |= {f"likeness.{name}": interval(values) for name, values in resampled.items()}
    intervals |= {name: interval(values) for name, (_, values) in sets.items()}
    intervals |= _intervals_of_means(other, drawn[1])
    return Standing(
        score=float(np.clip(_scores(found, other, plain).mean(), 0, 1)),
        interval=interval(scores),
        aspects={name: float(values.mean()) for name, values in aspects(found).items()},
        measures={
            name: _measure(name, reference, other, float(found[name].mean())) for name in MEASURES
        },
        told_apart=sets["told_apart"][0],
        diversity=sets["diversity"][0],
        intervals=intervals,
        resampled=scores,
    )


def _scores(found: dict[str, np.ndarray], other: ExcerptSet, weights: Weights) -> np.ndarray:
    sounding = weights[1] @ other.sounds / weights[1].sum(1)
    return combined(aspects(found), sounding)


def _intervals_of_means(other: ExcerptSet, weights: np.ndarray) -> dict[str, tuple[float, float]]:
    shares = weights / weights.sum(1, keepdims=True)
    return {
        name: interval(shares @ other.features[name][:, 0])
        for name, measure in MEASURES.items()
        if measure.unit
    }


def _measure(
    name: str, reference: ExcerptSet, other: ExcerptSet, likeness: float
) -> dict[str, float]:
    area, divergence = overlap(reference.features[name], other.features[name])
    values = {"likeness": likeness, "overlap": area, "divergence": divergence}
    if MEASURES[name].unit:
        values["mean"] = float(other.features[name].mean())
    return values
