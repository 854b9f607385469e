import numpy as np
from hypothesis import given
from strategies import grid_scores

from musicgen.music.grid import GRID_NOTE, GridScore
from musicgen.representation.grammar import Grammar
from musicgen.representation.sequence import decode, encode, frame_indices
from musicgen.representation.vocabulary import END_OF_FRAME, Vocabulary

VOCABULARY = Vocabulary()


def test_literal_tokens():
    notes = np.array([(0, 2, 60, 1), (1, 1, 64, 0)], GRID_NOTE)
    tokens = encode(GridScore(notes, 3), VOCABULARY)
    # 2 + ((60 - 21) * 4 + 1) * 2 = 316 strikes C4 on strings, 317 holds it.
    assert tokens.tolist() == [316, 1, 317, 346, 1, 1]
    assert frame_indices(tokens).tolist() == [0, 0, 1, 1, 1, 2]


def test_empty_score_is_empty_sequence():
    assert encode(GridScore(np.zeros(0, GRID_NOTE), 0), VOCABULARY).tolist() == []


def test_unfinished_frame_is_dropped():
    assert decode(np.array([316, END_OF_FRAME, 317]), VOCABULARY).notes.tolist() == [(0, 1, 60, 1)]


@given(grid_scores())
def test_round_trip_is_lossless(score):
    decoded = decode(encode(score, VOCABULARY), VOCABULARY)
    assert decoded.length_steps == score.length_steps
    assert decoded.notes.tolist() == score.notes.tolist()


@given(grid_scores(low_pitch=33, high_pitch=96))
def test_transposition_adds_stride(score):
    tokens = encode(score, VOCABULARY)
    score.notes["pitch"] += 5
    shifted = np.where(tokens == END_OF_FRAME, tokens, tokens + 5 * VOCABULARY.stride)
    assert encode(score, VOCABULARY).tolist() == shifted.tolist()


@given(grid_scores())
def test_grammar_allows_every_encoded_score(score):
    grammar = Grammar(VOCABULARY)
    for token in encode(score, VOCABULARY):
        assert grammar.allowed()[token]
        grammar.push(token)


def test_grammar_refuses_what_is_no_music():
    grammar = Grammar(VOCABULARY)
    assert not grammar.allowed()[317]  # nothing sounds that could be held
    grammar.push(316)
    assert not grammar.allowed()[316]  # once a frame
    assert not grammar.allowed()[300]  # ascending only
    grammar.push(END_OF_FRAME)
    assert grammar.allowed()[317]
    assert not grammar.allowed()[0]
