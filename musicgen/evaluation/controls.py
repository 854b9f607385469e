"""Controls: sets of excerpts whose rank is known beforehand, so that measures can be judged."""

from dataclasses import replace

import numpy as np

from musicgen.evaluation.excerpt_set import FEWEST_PIECES, ExcerptSet, made
from musicgen.evaluation.measures.frames import STEPS, STEPS_PER_BEAT
from musicgen.evaluation.ngram import EVERY_PITCH, NGram
from musicgen.music.grid import GRID_NOTE, GridScore, canonical
from musicgen.representation.sequence import decode, encode, frame_indices


def controls(reference: ExcerptSet, training: ExcerptSet, seed: int) -> dict[str, ExcerptSet]:
    """Make the controls that stand in every report, by name, from best to worst.

    Args:
        reference: the held-out excerpts; as many come of each control.
        training: excerpts of the training music, as many as may be; a model learns from all, and
            the control of that name is the first of them.
        seed: of all that is drawn.
    """
    random = np.random.default_rng(seed)
    count = len(reference.scores)
    model = NGram(training.scores)
    beats, frames = (
        [shuffled(score, random, block) for score in reference.scores]
        for block in (STEPS_PER_BEAT, 1)
    )
    return {
        "training_music": _first(training, count),
        "shuffled_beats": replace(reference, scores=beats),
        "five_gram": made("five_gram", [model.sample(random) for _ in range(count)]),
        "shuffled_frames": replace(reference, scores=frames),
        "independent_notes": made(
            "independent_notes", independent_notes(training.scores, count, random)
        ),
        "silence": made("silence", [silence(score) for score in reference.scores]),
    }


def _first(excerpts: ExcerptSet, count: int) -> ExcerptSet:
    """Return so many excerpts, some of them twice where there are fewer.

    Where they come of very few pieces each counts as its own, for pairs from one piece don't count
    and a resample has to hold some.
    """
    chosen = np.arange(count) % len(excerpts.scores)
    pieces = excerpts.pieces[chosen]
    if len(set(pieces)) < FEWEST_PIECES:
        pieces = np.arange(count)
    return ExcerptSet([excerpts.scores[index] for index in chosen], pieces, answers=False)


def shuffled(score: GridScore, random: np.random.Generator, block_steps: int = 1) -> GridScore:
    """Put the frames of a score into random order: every chord stays, time is lost.

    A note goes on where it sounds in successive frames of the new order too, and is struck anew
    elsewhere. Blocks of several steps are kept whole.
    """
    tokens = encode(score, EVERY_PITCH)
    edges = np.flatnonzero(np.diff(frame_indices(tokens) // block_steps)) + 1
    blocks = np.split(tokens, edges)
    mixed = [blocks[index] for index in random.permutation(len(blocks))]
    return decode(
        np.concatenate(mixed), EVERY_PITCH, score.steps_per_quarter, tempo_qpm=score.tempo_qpm
    )


def independent_notes(
    scores: list[GridScore], count: int, random: np.random.Generator
) -> list[GridScore]:
    """Draw excerpts whose notes know nothing of one another.

    How many notes there are, and each note's onset, length, pitch and family, are drawn one by
    one from those of ``scores``.
    """
    pool = np.concatenate([score.notes for score in scores])
    sizes = [len(score.notes) for score in scores]
    made = []
    for size in random.choice(sizes, count):
        notes = np.empty(size, GRID_NOTE)
        for column in GRID_NOTE.names:
            notes[column] = random.choice(pool[column], size)
        made.append(GridScore(canonical(notes), STEPS).window(0, STEPS))
    return made


def silence(score: GridScore) -> GridScore:
    """Return a score of the same length in which nothing sounds."""
    return replace(score, notes=np.zeros(0, GRID_NOTE))
