"""Compare candidates, controls and held-out music: the whole of an evaluation but its files."""

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np

from musicgen.errors import BadInput
from musicgen.evaluation.candidate import Candidate
from musicgen.evaluation.controls import controls
from musicgen.evaluation.copying import CopyDetector
from musicgen.evaluation.excerpt_set import FEWEST_PIECES, ExcerptSet, real
from musicgen.evaluation.excerpts import Excerpt, read_excerpts
from musicgen.evaluation.gates import Gate, gates
from musicgen.evaluation.heard import heard
from musicgen.evaluation.sources import Contestant
from musicgen.evaluation.standing import Standing, standing, standing_of_held_out
from musicgen.preprocess.dataset import Dataset

logger = logging.getLogger(__name__)

TRAINING_EXCERPTS = 1500
"""So many train the 5-gram model; music that it never met changes its rank by nothing."""
COPY_RUNS = (8, 16)


@dataclass(frozen=True)
class Contender:
    """A candidate with all that was found out about it.

    Attributes:
        candidate: who it is.
        excerpts: what it played, one for each held-out excerpt, or what there is of it.
        standing: how that compares with held-out music.
        gates: by name; one that is not passed bars promotion.
        copying: share of runs of 8 and 16 notes that stand in the training music, and the number of
            notes of the longest.
    """

    candidate: Contestant
    excerpts: ExcerptSet
    standing: Standing
    gates: dict[str, Gate]
    copying: dict[str, float]


@dataclass(frozen=True)
class Comparison:
    """Held-out music, candidates and controls on one scale.

    Attributes:
        held_out: the excerpts that all are compared with.
        contenders: the candidates, in the order given.
        controls: standings by name, from best to worst.
        control_sets: what they were made of.
        held_out_copying: as ``Contender.copying``, for the held-out music itself.
    """

    held_out: list[Excerpt]
    contenders: list[Contender]
    controls: dict[str, Standing]
    control_sets: dict[str, ExcerptSet]
    held_out_copying: dict[str, float]


def compare(dataset: Dataset, candidates: list[Contestant], samples: int, seed: int) -> Comparison:
    """Let the candidates play and compare what they play with the test split.

    Raises:
        BadInput: the test split holds fewer than four excerpts, or a bundle cannot be played.
    """
    held_out = read_excerpts(dataset, "test", samples, seed)
    training = read_excerpts(dataset, "train", max(TRAINING_EXCERPTS, samples), seed)
    if len(held_out) < FEWEST_PIECES or not training:
        raise BadInput(
            f"{dataset.uri} holds {len(held_out)} test and {len(training)} training excerpts of "
            f"four bars in 4/4; to compare models takes {FEWEST_PIECES} and 1 at least. "
            "Give a larger corpus."
        )
    reference = real(held_out)
    copies = _copies(dataset)
    contenders = [
        _contender(candidate, dataset, held_out, reference, copies, seed)
        for candidate in candidates
    ]
    logger.info("Measuring the controls")
    sets = {"held_out_music": reference, **controls(reference, real(training), seed)}
    standings = {
        name: standing(reference, excerpts, seed)
        for name, excerpts in sets.items()
        if excerpts is not reference
    }
    standings = {"held_out_music": standing_of_held_out(reference, seed), **standings}
    return Comparison(held_out, contenders, standings, sets, _copying(copies, reference))


def _contender(
    candidate: Contestant,
    dataset: Dataset,
    held_out: list[Excerpt],
    reference: ExcerptSet,
    copies: CopyDetector,
    seed: int,
) -> Contender:
    logger.info("%s is compared with %d excerpts", candidate.name, len(held_out))
    played = candidate.answers(held_out, seed)
    found = standing(reference, played, seed)
    logger.info("%s scores %.3f", candidate.name, found.score)
    judged = gates(played.scores, reference.scores, copies)
    if isinstance(candidate, Candidate):
        judged |= heard(candidate.bundle_uri, dataset).gates()
    return Contender(candidate, played, found, judged, _copying(copies, played))


def _copies(dataset: Dataset) -> CopyDetector:
    notes = dataset.table("notes", ["piece_id", "onset_steps", "pitch"], "train")
    pieces = notes["piece_id"].combine_chunks().dictionary_encode().indices
    return CopyDetector(
        notes["onset_steps"].to_numpy(), notes["pitch"].to_numpy(), np.asarray(pieces)
    )


def _copying(copies: CopyDetector, excerpts: ExcerptSet) -> dict[str, Any]:
    shares = {f"known_{notes}_grams": copies.share(excerpts.scores, notes) for notes in COPY_RUNS}
    return {**shares, "longest_known_run": float(copies.longest(excerpts.scores))}
