"""The score ranks sets whose rank is known beforehand."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from datasets import small_score

from musicgen.evaluation.controls import controls
from musicgen.evaluation.excerpt_set import ExcerptSet, made
from musicgen.evaluation.standing import standing, standing_of_held_out
from musicgen.music.grid import GRID_NOTE, GridScore

EXCERPTS = 32


def tunes(name, seeds):
    """Tunes in sixteenths to quarters over held chords."""
    return made(name, [small_score(seed, bars=4) for seed in seeds])


def excerpts(corpus, split):
    """Excerpts of real music; data/README.md says of which."""
    with np.load(Path(__file__).parent / "data" / "excerpts.npz") as arrays:
        columns = arrays[f"{corpus}_{split}_notes"]
        sizes = arrays[f"{corpus}_{split}_sizes"]
        pieces = arrays[f"{corpus}_{split}_pieces"]
    notes = np.array([tuple(row) for row in columns.T], GRID_NOTE)
    parts = np.split(notes, np.cumsum(sizes)[:-1])
    return ExcerptSet([GridScore(part, 64) for part in parts], pieces)


@pytest.fixture(scope="module", params=["chorales", "madrigals"])
def standings(request):
    reference, training = (excerpts(request.param, split) for split in ("test", "train"))
    found = {
        name: standing(reference, control, seed=0)
        for name, control in controls(reference, training, seed=0).items()
    }
    return {"held_out_music": standing_of_held_out(reference, seed=0), **found}


def test_controls_rank_strictly(standings):
    order = ["held_out_music", "five_gram", "shuffled_frames", "independent_notes", "silence"]
    scores = [standings[name].score for name in order]
    assert all(better > worse + 0.02 for better, worse in pairwise(scores)), dict(
        zip(order, scores, strict=True)
    )
    assert scores[-1] == 0


def test_music_like_the_reference_scores_nearly_one(standings):
    assert standings["held_out_music"].score > 0.97
    assert standings["training_music"].score > 0.95


def test_lost_order_in_time_is_seen_beyond_doubt(standings):
    assert standings["shuffled_frames"].interval[1] < standings["held_out_music"].interval[0] - 0.1
    assert standings["shuffled_beats"].interval[1] < standings["held_out_music"].score


def test_intervals_hold_their_scores(standings):
    for name, found in standings.items():
        low, high = found.interval
        assert low <= found.score <= high, name
        assert 0 <= low <= high <= 1


def test_a_score_is_cut_after_halvings_are_averaged(standings):
    for name in ("held_out_music", "five_gram"):
        found = standings[name]
        mean = np.mean(list(found.aspects.values()))
        assert found.score == pytest.approx(np.clip(mean, 0, 1)), name


def test_music_that_answers_nothing_is_drawn_apart():
    reference = tunes("test", range(8))
    answers = ExcerptSet(reference.scores, tunes("a", range(8)).pieces)
    assert standing(reference, answers, seed=0).intervals["diversity"] == pytest.approx((1, 1))
    low, high = standing(reference, replace(answers, answers=False), 0).intervals["diversity"]
    assert low < 0.95 < 1.05 < high


def test_collapse_is_punished():
    reference = tunes("test", range(1000, 1000 + EXCERPTS))
    same = ExcerptSet([small_score(3, bars=4)] * EXCERPTS, reference.pieces)
    assert standing(reference, same, seed=0).score < 0.8


def test_silent_excerpts_count_against_the_whole():
    reference = tunes("test", range(1000, 1000 + EXCERPTS))
    good = tunes("made", range(EXCERPTS))
    half = [score if n % 2 else score.window(10_000, 64) for n, score in enumerate(good.scores)]
    assert standing(reference, made("half", half), seed=0).score < 0.5


def test_differences_of_two_sets_are_paired():
    reference = tunes("test", range(1000, 1000 + EXCERPTS))
    first = standing(reference, tunes("a", range(EXCERPTS)), seed=0)
    second = standing(reference, tunes("b", range(EXCERPTS)), seed=0)
    alike = np.corrcoef(first.resampled, second.resampled)[0, 1]
    assert len(first.resampled) == 1000
    assert alike > 0
