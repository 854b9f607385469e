"""Sets of excerpts, ready to be compared."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from musicgen.evaluation.catalogue import features
from musicgen.evaluation.excerpts import Excerpt
from musicgen.music.grid import GridScore

FEWEST_PIECES = 4


@dataclass(frozen=True)
class ExcerptSet:
    """Excerpts of one origin.

    Attributes:
        scores: the excerpts.
        pieces: the piece that each comes from, shape ``(excerpts,)``; pairs from one piece are
            never compared, for a piece is like itself.
        answers: whether the i-th answers the i-th of the reference, so that the two are drawn
            together in resamples; else the set has pieces of its own to draw.
    """

    scores: list[GridScore]
    pieces: np.ndarray
    answers: bool = True

    @cached_property
    def features(self) -> dict[str, np.ndarray]:
        """Measures of all excerpts; see ``catalogue.features``."""
        return features(self.scores)

    @cached_property
    def sounds(self) -> np.ndarray:
        """Which excerpts hold any note, ``bool`` of shape ``(excerpts,)``."""
        return np.array([len(score.notes) > 0 for score in self.scores])


def real(excerpts: list[Excerpt]) -> ExcerptSet:
    """Make a set of real excerpts; of fewer than four pieces, each excerpt counts as its own."""
    pieces = [excerpt.piece_id for excerpt in excerpts]
    if len(set(pieces)) < FEWEST_PIECES:
        pieces = [f"{e.piece_id}@{e.start_steps}" for e in excerpts]
    return ExcerptSet([excerpt.score for excerpt in excerpts], np.array(pieces))


def made(name: str, scores: list[GridScore]) -> ExcerptSet:
    """Make a set of generated excerpts: each a piece of its own."""
    return ExcerptSet(scores, np.array([f"{name}#{index}" for index in range(len(scores))]))
