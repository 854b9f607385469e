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
        resampled: the score in every resample.
    """

    score: float
    interval: tuple[float, float]
    aspects: dict[str, float]
    measures: dict[str, dict[str, float]]
    told_apart: float
    diversity: float
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
        }


def standing(reference: ExcerptSet, other: ExcerptSet, seed: int) -> Standing:
    """Compare a set with the reference.

    Resamples draw pieces of the reference, and the answers with them: what is left out or counted
    twice is the same for all sets, so their differences can be judged draw by draw. Of a set that
    answers nothing, pieces are drawn apart.
    """
    once, each = (np.ones((1, len(excerpts.scores))) for excerpts in (reference, other))
    found = likeness(reference, other, once, each, MEASURES)
    weights = bootstrap_weights(reference.pieces, seed)
    drawn = weights if other.answers else bootstrap_weights(other.pieces, seed)
    resampled = _scores(reference, other, weights, drawn)
    return _standing(reference, other, found, _scores(reference, other, once, each), resampled)


def standing_of_held_out(reference: ExcerptSet, seed: int) -> Standing:
    """Compare the reference with itself: one half of its pieces with the other, many times."""
    first = halves(reference.pieces, seed)
    found = likeness(reference, reference, first, 1 - first, MEASURES)
    scores = _scores(reference, reference, first, 1 - first)
    return _standing(reference, reference, found, scores, scores)


def _scores(
    reference: ExcerptSet,
    other: ExcerptSet,
    reference_weights: np.ndarray,
    other_weights: np.ndarray,
) -> np.ndarray:
    found = likeness(reference, other, reference_weights, other_weights, SCORING)
    sounding = other_weights @ other.sounds / other_weights.sum(1)
    return combined(aspects(found), sounding)


def _standing(
    reference: ExcerptSet,
    other: ExcerptSet,
    found: dict[str, np.ndarray],
    scores: np.ndarray,
    resampled: np.ndarray,
) -> Standing:
    return Standing(
        score=float(scores.mean()),
        interval=interval(resampled),
        aspects={name: float(values.mean()) for name, values in aspects(found).items()},
        measures={
            name: _measure(name, reference, other, float(found[name].mean())) for name in MEASURES
        },
        told_apart=told_apart(reference, other),
        diversity=diversity(reference, other),
        resampled=resampled,
    )


def _measure(
    name: str, reference: ExcerptSet, other: ExcerptSet, likeness: float
) -> dict[str, float]:
    area, divergence = overlap(reference.features[name], other.features[name])
    values = {"likeness": likeness, "overlap": area, "divergence": divergence}
    if MEASURES[name].unit:
        values["mean"] = float(other.features[name].mean())
    return values
