from collections import Counter

import numpy as np
import pytest
from datasets import small_score
from evaluation.scores import excerpt
from hypothesis import given
from strategies import grid_scores

from musicgen.evaluation.controls import controls, independent_notes, shuffled, silence
from musicgen.evaluation.excerpt_set import ExcerptSet, made
from musicgen.evaluation.measures.frames import sounding
from musicgen.evaluation.ngram import NGram
from musicgen.evaluation.standing import standing
from musicgen.music.grid import canonical


def chords(score):
    """What sounds in each step, as a multiset without order."""
    return Counter(row.tobytes() for row in sounding(score))


@given(grid_scores(low_pitch=0, high_pitch=127))
def test_shuffling_keeps_every_frame_and_the_length(score):
    score = score.window(0, 64)
    mixed = shuffled(score, np.random.default_rng(0))
    assert mixed.length_steps == 64
    assert chords(mixed) == chords(score)
    assert (canonical(mixed.notes) == mixed.notes).all()


def test_shuffling_loses_the_order():
    score = small_score(1, bars=4)
    assert (sounding(shuffled(score, np.random.default_rng(0))) != sounding(score)).any()


def test_blocks_are_kept_whole():
    score = small_score(1, bars=4)
    mixed = shuffled(score, np.random.default_rng(0), block_steps=16)
    bars = sounding(score).reshape(4, -1)
    assert sorted(map(bytes, sounding(mixed).reshape(4, -1))) == sorted(map(bytes, bars))


def test_independent_notes_come_from_the_pool():
    pool = [excerpt((0, 2, 60, 0), (8, 4, 67, 1)), excerpt((4, 8, 72, 2))]
    made = independent_notes(pool, 50, np.random.default_rng(0))
    notes = np.concatenate([score.notes for score in made])
    assert set(notes["pitch"]) == {60, 67, 72}
    assert set(notes["onset_steps"]) == {0, 4, 8}
    assert {1, 2} >= {len(score.notes) for score in made}
    # Pitch and family go together in the pool, and no longer here.
    assert len(set(zip(notes["pitch"].tolist(), notes["family"].tolist(), strict=True))) == 9


def test_silence_keeps_the_length():
    assert silence(excerpt((0, 4, 60))).length_steps == 64
    assert not len(silence(excerpt((0, 4, 60))).notes)


def test_ngram_repeats_what_leaves_no_choice():
    score = excerpt(*((4 * i, 4, 60 + i % 2) for i in range(16)))
    made = NGram([score]).sample(np.random.default_rng(0))
    assert made.notes.tolist() == score.notes.tolist()


def test_ngram_makes_valid_music_and_is_deterministic():
    model = NGram([small_score(seed, bars=4) for seed in range(8)])
    first, again, other = (model.sample(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.length_steps == 64
    assert first.notes.tolist() == again.notes.tolist() != other.notes.tolist()
    assert (canonical(first.notes) == first.notes).all()


@pytest.mark.parametrize("pieces", [["a"], ["a", "a", "b", "c", "d"], ["a", "b", "a", "c"]])
def test_a_tiny_training_split_leaves_every_number_finite(pieces):
    training = ExcerptSet([small_score(n, bars=4) for n in range(len(pieces))], np.array(pieces))
    reference = made("held_out", [small_score(10 + n, bars=4) for n in range(5)])
    found = standing(reference, controls(reference, training, 0)["training_music"], 0)
    assert np.isfinite([found.score, *found.interval, found.diversity, found.told_apart]).all()
    assert all(np.isfinite(ends).all() for ends in found.intervals.values())
