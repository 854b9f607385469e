import numpy as np
import pytest

from musicgen.benchmark.kneser_ney import KneserNey

A, B, C = 2, 3, 4
"""Of a vocabulary of six: PAD, END_OF_FRAME, A, B, C, and one that is never seen."""


def test_bigrams_by_hand():
    """``A B A B C`` after an end of frame, with the discounts .5, 1 and 1.5 of small texts.

    Bigrams: 1A, AB twice, BA, BC. Their endings: A after two tokens, B and C after one each; so
    unigrams take 2, 1, 1 of 4, and give 1, .5, .5 of that to the uniform distribution.
    """
    model = KneserNey([np.array([A, B, A, B, C])], vocabulary_size=6, order=2)
    uniform = 2 / 4 / 6
    a, b, c, other = 1 / 4 + uniform, 0.5 / 4 + uniform, 0.5 / 4 + uniform, uniform
    unigrams = np.array([other, other, a, b, c, other])
    np.testing.assert_allclose(model.distribution([C]), unigrams)  # nothing ever followed C
    after_a = 0.5 * unigrams + [0, 0, 0, (2 - 1) / 2, 0, 0]
    after_b = 0.5 * unigrams + [0, 0, 0.5 / 2, 0, 0.5 / 2, 0]
    at_first = 0.5 * unigrams + [0, 0, 0.5, 0, 0, 0]
    np.testing.assert_allclose(model.distribution([A]), after_a)
    np.testing.assert_allclose(model.distribution([A, B]), after_b)
    np.testing.assert_allclose(model.distribution([]), at_first)
    expected = -np.log([at_first[B], after_b[B], after_b[A]])
    np.testing.assert_allclose(model.nats(np.array([B, B, A])), expected)


def test_discounts_come_from_how_often_counts_occur():
    """Single tokens: four occur once, two twice, one three times, none four times."""
    piece = np.repeat(np.arange(2, 9), [1, 1, 1, 1, 2, 2, 3])
    model = KneserNey([piece], vocabulary_size=10, order=1)
    y = 4 / (4 + 2 * 2)
    once, twice, thrice = 1 - 2 * y * 2 / 4, 2 - 3 * y * 1 / 2, 3
    uniform = (4 * once + 2 * twice + thrice) / 11 / 10
    shares = np.array([0, 0, *[1 - once] * 4, *[2 - twice] * 2, 3 - thrice, 0]) / 11
    np.testing.assert_allclose(model.distribution([]), shares + uniform)


@pytest.mark.parametrize("order", [1, 3, 5])
def test_every_distribution_sums_to_one(order):
    random = np.random.default_rng(order)
    pieces = [np.cumsum(random.integers(0, 3, 400)) % 20 + 1 for _ in range(3)]
    model = KneserNey(pieces, vocabulary_size=21, order=order)
    for before in ([], [5], list(pieces[0][:40]), [20, 1, 20, 1, 20], [0] * 9):
        found = model.distribution(before)
        assert found.sum() == pytest.approx(1)
        assert found.min() > 0


def test_nats_are_those_of_the_distributions():
    random = np.random.default_rng(0)
    train, test = random.integers(1, 12, 500), random.integers(1, 12, 20)
    model = KneserNey([train], vocabulary_size=12)
    expected = [-np.log(model.distribution(test[:i])[test[i]]) for i in range(len(test))]
    np.testing.assert_allclose(model.nats(test), expected)
