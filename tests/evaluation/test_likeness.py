import time

import numpy as np
import pytest
from evaluation.scores import SILENCE, excerpt

from musicgen.evaluation.excerpt_set import ExcerptSet, made
from musicgen.evaluation.likeness import likeness
from musicgen.evaluation.neighbours import diversity, told_apart
from musicgen.evaluation.overlap import overlap
from musicgen.evaluation.resampling import bootstrap_weights, halves, interval


def ones(*sets):
    return [np.ones((1, len(found.scores))) for found in sets]


def of_ranges(name, *semitones):
    """One excerpt for each pitch range."""
    return made(name, [excerpt((0, 4, 48), (4, 4, 48 + width)) for width in semitones])


def test_likeness_by_hand():
    # Across: 2, 4, 4, 2 -> 3. Inside the first: 2. Inside the second: 4 (each pair counted once).
    first, second = of_ranges("a", 2, 4), of_ranges("b", 0, 6)
    across, inside, within = (2 + 4 + 4 + 2) / 4, 2, 6
    expected = 1 - (2 * across - inside - within) / (2 * across)
    found = likeness(first, second, *ones(first, second), ["pitch_range"])
    assert found["pitch_range"] == pytest.approx([expected])


def test_pairs_of_one_piece_do_not_count():
    first = ExcerptSet(of_ranges("a", 2, 4, 9).scores, np.array(["x", "x", "y"]))
    second = ExcerptSet(of_ranges("b", 1, 1, 1).scores, np.array(["x", "x", "y"]))
    # Across: x-y (2 to 1, 4 to 1) and y-x (9 to 1, twice). Inside: 9-2 and 9-4. Within: 0.
    across, inside = (1 + 3 + 8 + 8) / 4, (7 + 5) / 2
    found = likeness(first, second, *ones(first, second), ["pitch_range"])
    assert found["pitch_range"] == pytest.approx([1 - (2 * across - inside) / (2 * across)])


def test_weights_count_excerpts_several_times():
    first, second = of_ranges("a", 2, 4, 9), of_ranges("b", 3, 5)
    counts = np.array([[2.0, 1.0, 0.0]])
    found = likeness(first, second, counts, np.ones((1, 2)), ["pitch_range"])
    across, inside, within = (2 * (1 + 3) + (1 + 1)) / 6, 2, 2
    expected = 1 - (2 * across - inside - within) / (2 * across)
    assert found["pitch_range"] == pytest.approx([expected])


def test_sets_that_are_one_point_each():
    same, other = of_ranges("a", 5, 5), of_ranges("b", 5, 5)
    assert likeness(same, other, *ones(same, other), ["pitch_range"])["pitch_range"] == 1
    silent = made("silence", [SILENCE] * 2)
    assert likeness(same, silent, *ones(same, silent), ["pitch_range"])["pitch_range"] == 0


def test_told_apart_and_diversity():
    random = np.random.default_rng(0)

    def wide(name, low):
        return made(
            name,
            [
                excerpt(
                    *((4 * i, 4, int(p)) for i, p in enumerate(random.integers(low, low + 24, 16)))
                )
                for _ in range(60)
            ],
        )

    reference, like, other = wide("a", 48), wide("b", 48), wide("c", 48)
    collapsed = ExcerptSet([other.scores[0]] * 60, other.pieces)
    each = np.ones((1, 60))
    assert told_apart(reference, like, each, each) == pytest.approx(0.5, abs=0.12)
    assert diversity(reference, like, each, each) == pytest.approx(1, abs=0.1)
    assert told_apart(reference, collapsed, each, each) > 0.9
    assert diversity(reference, collapsed, each, each) == 0


def test_classifier_and_diversity_by_hand():
    """Two that are alike, and two that are the same: each knows its own."""
    reference = made("a", [excerpt((0, 4, 60)), excerpt((0, 4, 60), (4, 4, 61))])
    other = made("b", [excerpt((0, 1, 40), (8, 1, 90))] * 2)
    plain = np.ones((1, 2))
    assert told_apart(reference, other, plain, plain) == [1]
    assert diversity(reference, other, plain, plain) == [0]
    assert diversity(reference, reference, plain, plain) == [1]


def test_halves_of_one_set_have_neighbours_among_those_that_stand_in_them():
    twins = [excerpt((0, 4, 60)), excerpt((0, 1, 40), (8, 1, 90))]
    pairs = made("a", [twins[0], twins[0], twins[1], twins[1]])
    first = np.array([[1.0, 1, 0, 0], [1, 0, 1, 0]])
    assert told_apart(pairs, pairs, first, 1 - first).tolist() == [1, 0]


def test_overlap_of_the_same_and_of_the_apart():
    random = np.random.default_rng(0)
    first, second = random.normal(size=(2, 200, 3))
    area, divergence = overlap(first, second)
    assert area > 0.95
    assert divergence < 0.02
    area, divergence = overlap(first, second + 20)
    assert area < 0.01
    assert divergence > 5
    assert overlap(np.zeros((5, 1)), np.zeros((5, 1))) == (1.0, 0.0)
    area, divergence = overlap(np.zeros((5, 1)), np.ones((5, 1)))
    assert np.isfinite([area, divergence]).all()


def test_overlap_matches_an_exact_kernel_density():
    from scipy.stats import entropy, gaussian_kde

    random = np.random.default_rng(1)
    first, second = random.normal(size=(60, 1)), random.normal(0.7, 1.4, size=(60, 1))
    inside = np.abs(first - first.T)[np.triu_indices(60, 1)]
    across = np.abs(first - second.T).ravel()
    grid = np.linspace(-3, 10, 4000)
    p, q = gaussian_kde(inside)(grid), gaussian_kde(across)(grid)
    area, divergence = overlap(first, second)
    assert area == pytest.approx(np.minimum(p, q).sum() * (grid[1] - grid[0]), abs=0.01)
    assert divergence == pytest.approx(entropy(p, q), abs=0.005)
    assert divergence < entropy(q, p) - 0.01  # the direction matters


def test_overlaps_are_quick():
    random = np.random.default_rng(0)
    sets = random.normal(size=(5, 100, 16))
    start = time.process_time()
    for other in sets:
        for _ in range(33):
            overlap(sets[0], other)
    assert time.process_time() - start < 10


def test_bootstrap_draws_whole_pieces_and_never_one_alone():
    pieces = np.array(["a", "a", "b", "c"])
    weights = bootstrap_weights(pieces, seed=1)
    assert weights.shape == (1000, 4)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, [0, 2, 3]].sum(1) == 3).all()
    assert ((weights[:, [0, 2, 3]] > 0).sum(1) >= 2).all()
    assert (weights == bootstrap_weights(pieces, seed=1)).all()


def test_halves_split_pieces_evenly():
    pieces = np.array(["a", "a", "b", "c", "d"])
    first = halves(pieces, seed=0)
    assert (first[:, 0] == first[:, 1]).all()
    assert (first[:, [0, 2, 3, 4]].sum(1) == 2).all()


def test_interval_holds_95_percent():
    assert interval(np.arange(1001)) == pytest.approx((25, 975))
