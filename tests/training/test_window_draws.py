import numpy as np
import pytest

from musicgen.representation.vocabulary import END_OF_FRAME, SPECIAL_TOKENS
from musicgen.training.window_draws import GROUPS, WindowDraws

pytestmark = pytest.mark.slow

LENGTH = 20
SIZES = np.array([6, 8, 40, 10, 14, 18, 80, 4, 12, 16])
"""Tokens of pieces whose frames are a note and their end."""


@pytest.fixture(scope="module")
def draws():
    tokens = np.tile([SPECIAL_TOKENS, END_OF_FRAME], SIZES.sum() // 2)
    return WindowDraws.of(tokens, np.concatenate([[0], np.cumsum(SIZES)]), LENGTH)


def drawn(draws, group, count=4000):
    random = np.random.default_rng(0)
    which, where = random.random((2, count))
    start, piece, length = draws.draw(np.float64(group), which, where)
    return start.numpy(), piece.numpy(), int(length)


def test_a_batch_holds_pieces_of_like_length(draws):
    seen = {}
    for group in np.linspace(0, 0.999, 40):
        _, piece, length = drawn(draws, group, 50)
        sizes = np.minimum(SIZES[piece], LENGTH)
        assert sizes.max() == length
        assert sizes.min() >= length - 2
        seen[length] = set(piece)
    assert len(seen) == len(draws.lengths) == GROUPS + 1
    assert set().union(*seen.values()) == set(range(len(SIZES)))


def test_short_pieces_are_whole_and_long_windows_full(draws):
    begin = np.concatenate([[0], np.cumsum(SIZES)])
    for group in np.linspace(0, 0.999, 20):
        start, piece, length = drawn(draws, group, 100)
        short = SIZES[piece] < LENGTH
        assert (start[short] == begin[piece[short]]).all()
        assert (start[~short] + length <= begin[piece[~short] + 1]).all()


def test_a_frame_longer_than_a_window_is_cut():
    chord = [
        SPECIAL_TOKENS + 3,
        SPECIAL_TOKENS + 2,
        SPECIAL_TOKENS + 1,
        SPECIAL_TOKENS,
        END_OF_FRAME,
    ]
    tokens = np.array([END_OF_FRAME, *chord] * 2)
    draws = WindowDraws.of(tokens, np.array([0, 6, 12]), 4)
    start, piece, length = drawn(draws, 0.5, 50)
    assert length == 4
    assert set(zip(start, piece, strict=True)) == {(0, 0), (1, 0), (6, 1), (7, 1)}


def test_a_piece_counts_as_often_as_it_fills_windows(draws):
    _, piece, _ = drawn(draws, 0.999)
    found = np.bincount(piece, minlength=len(SIZES))
    assert found.sum() == found[2] + found[6]
    np.testing.assert_allclose(found[6] / found[2], 2, rtol=0.1)
    widths = np.diff(draws.edges)
    np.testing.assert_allclose(widths[-1], 6 / 14)
    np.testing.assert_allclose(widths[:-1].sum(), 8 / 14)
