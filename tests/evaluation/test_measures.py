import numpy as np
import pytest
from evaluation.scores import SILENCE, excerpt, scale
from hypothesis import given
from strategies import grid_scores

from musicgen.evaluation.catalogue import ASPECTS, MEASURES
from musicgen.evaluation.measures import harmony, melody, pitch, repetition, rhythm

# A C major triad for a bar, then F over C a bar later; two bars' rest.
CHORDS = excerpt((0, 16, 60), (0, 16, 64), (0, 16, 67), (16, 16, 60), (16, 16, 65), (16, 16, 69))


def nonzero(values):
    """Keep the bins that hold anything, rounded."""
    return {int(i): round(float(values[i]), 4) for i in np.flatnonzero(values)}


@pytest.mark.parametrize(
    ("measure", "score", "expected"),
    [
        (pitch.pitch_range, scale(), 12),
        (pitch.pitch_class_entropy, excerpt((0, 4, 60), (4, 4, 72)), 0),
        (pitch.pitch_class_entropy, excerpt((0, 4, 60), (4, 4, 61)), 1),
        (pitch.used_pitch_classes, CHORDS, (3 + 3) / 4),
        (pitch.used_pitch_classes, excerpt((8, 16, 60)), (1 + 1) / 4),
        (pitch.scale_consistency, scale(), 1),
        (pitch.scale_consistency, excerpt((0, 2, 60), (2, 1, 61), (3, 1, 62)), 0.75),
        (harmony.polyphony, CHORDS, 3),
        (harmony.polyphony, excerpt((0, 4, 60), (2, 4, 64)), 8 / 6),
        (harmony.polyphonic_share, CHORDS, 0.5),
        (harmony.polyphonic_share, excerpt((0, 32, 60), (0, 16, 64)), 0.25),
        (harmony.dissonance, CHORDS, 0),
        (harmony.dissonance, excerpt((0, 4, 60), (0, 4, 61), (8, 4, 60), (8, 4, 67)), 0.5),
        (harmony.common_tones, CHORDS, 1 / 5),
        (harmony.common_tones, excerpt((0, 4, 60), (8, 4, 72)), 1),
        (harmony.voice_leading, CHORDS, (0 + 1 + 2) / 3),
        (harmony.voice_leading, scale(), (2 + 2 + 1 + 2 + 2 + 2 + 1) / 7),
        (harmony.tonal_distance, CHORDS, 0),
        # Opposite on the circle of fifths and of minor thirds, equal on that of major thirds.
        (harmony.tonal_distance, excerpt((0, 4, 60, 0), (0, 4, 66, 1)), np.sqrt(8)),
        (harmony.tonal_motion, excerpt((0, 4, 60), (4, 4, 66)), np.sqrt(8)),
        (harmony.tonal_motion, excerpt((0, 4, 60), (8, 4, 60)), 0),
        (melody.skyline_step_share, excerpt((0, 1, 60), (1, 1, 62), (2, 1, 67)), 0.5),
        (melody.mean_interval, excerpt((0, 1, 60), (1, 1, 62), (2, 1, 52)), 6),
        (rhythm.note_density, CHORDS, 6 / 16),
        (rhythm.groove, excerpt((0, 1, 60), (16, 1, 60), (32, 1, 60), (48, 1, 60)), 1),
        # Three pairs of equal bars, three in which one step of sixteen differs.
        (rhythm.groove, excerpt((0, 1, 60)), (3 + 3 * 15 / 16) / 6),
        (rhythm.groove_jaccard, excerpt((0, 1, 60)), 0.5),
        (
            rhythm.groove_jaccard,
            excerpt(*((16 * bar, 1, 60) for bar in range(4)), (8, 1, 60)),
            (3 * 0.5 + 3 * 1) / 6,
        ),
        (rhythm.empty_beats, excerpt((0, 5, 60)), 14 / 16),
        (rhythm.empty_bars, CHORDS, 0.5),
        (rhythm.qualified_notes, excerpt((0, 1, 60), (1, 2, 60), (4, 9, 60), (0, 1, 64)), 0.5),
        (repetition.bar_repetition, excerpt((0, 4, 60), (16, 4, 60), (32, 4, 62)), 1 / 3),
    ],
)
def test_number(measure, score, expected):
    assert measure(score) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("measure", "score", "expected"),
    [
        (pitch.pitch_class_histogram, CHORDS, {0: 2 / 6, 4: 1 / 6, 5: 1 / 6, 7: 1 / 6, 9: 1 / 6}),
        (pitch.pitch_class_histogram, excerpt((0, 3, 60), (0, 1, 73)), {0: 0.75, 1: 0.25}),
        (harmony.polyphony_histogram, CHORDS, {0: 0.5, 3: 0.5}),
        (harmony.chord_sizes, excerpt((0, 1, 60), (0, 1, 62), (5, 1, 60)), {0: 0.5, 1: 0.5}),
        # C-E, C-G and E-G, then C-F, C-A and F-A.
        (
            harmony.harmonic_intervals,
            CHORDS,
            {3: 1 / 6, 4: 2 / 6, 5: 1 / 6, 7: 1 / 6, 9: 1 / 6},
        ),
        (harmony.family_shares, excerpt((0, 3, 60, 1), (0, 1, 60, 3)), {1: 0.75, 3: 0.25}),
        # From G, the top of the chord, up to A; then down by more than an octave.
        (
            melody.skyline_intervals,
            excerpt((0, 1, 60), (0, 1, 67), (1, 1, 69), (2, 1, 40)),
            {0: 0.5, 14: 0.5},
        ),
        (
            rhythm.note_length_histogram,
            excerpt((0, 1, 60), (1, 4, 60), (5, 40, 62), (5, 4, 65)),
            {0: 0.25, 3: 0.5, 15: 0.25},
        ),
        (
            rhythm.inter_onset_histogram,
            excerpt((0, 1, 60), (0, 1, 64), (2, 1, 60), (4, 1, 60), (8, 1, 60)),
            {1: 2 / 3, 3: 1 / 3},
        ),
        (
            rhythm.onset_position_histogram,
            excerpt((0, 1, 60), (16, 1, 60), (36, 1, 60), (52, 1, 64)),
            {0: 0.5, 4: 0.5},
        ),
    ],
)
def test_histogram(measure, score, expected):
    assert nonzero(measure(score)) == {i: round(share, 4) for i, share in expected.items()}


def test_transitions():
    score = excerpt((0, 4, 60), (4, 4, 62), (8, 4, 60), (12, 1, 62), (13, 3, 60))
    assert pitch.pitch_class_transitions(score)[0, 2] == pytest.approx(0.5)
    assert pitch.pitch_class_transitions(score)[2, 0] == pytest.approx(0.5)
    lengths = rhythm.note_length_transitions(score)
    assert (lengths[3, 3], lengths[3, 0], lengths[0, 2]) == pytest.approx((0.5, 0.25, 0.25))
    gaps = rhythm.inter_onset_transitions(score)
    assert (gaps[3, 3], gaps[3, 0]) == pytest.approx((2 / 3, 1 / 3))


def test_transitions_pair_every_pitch_class_of_successive_onsets():
    score = excerpt((0, 4, 60), (0, 4, 64), (4, 4, 67))
    moves = pitch.pitch_class_transitions(score)
    assert (moves[0, 7], moves[4, 7]) == (0.5, 0.5)


def test_self_similarity_of_a_bar_that_comes_again():
    bar = [(0, 4, 60), (4, 4, 62), (8, 4, 64), (12, 4, 65)]
    score = excerpt(*((16 * n + onset, length, p) for n in range(4) for onset, length, p in bar))
    assert repetition.self_similarity(score) == pytest.approx(
        [float(lag % 4 == 0) for lag in range(1, 16)]
    )
    assert repetition.bar_repetition(score) == 1


def test_lengths_beyond_the_excerpt_do_not_count():
    score = excerpt((60, 30, 60))
    assert rhythm.empty_beats(score) == 15 / 16
    assert harmony.polyphony(score) == 1


@pytest.mark.parametrize("name", MEASURES)
def test_silence_is_defined(name):
    value = MEASURES[name].function(SILENCE)
    expected = {"empty_beats": 1, "empty_bars": 1}.get(name, 0)
    if name == "polyphony_histogram":
        assert nonzero(value) == {0: 1}
    else:
        assert np.all(np.asarray(value) == expected)


@given(grid_scores(low_pitch=0, high_pitch=127))
def test_every_measure_is_finite_and_shares_are_shares(score):
    for measure in MEASURES.values():
        value = np.asarray(measure.function(score))
        assert np.isfinite(value).all()
        assert (value >= 0).all()
        if measure.unit == "share" or value.ndim:
            assert (value <= 1 + 1e-9).all()


def test_the_score_is_made_of_measures_that_exist():
    assert {name for group in ASPECTS.values() for name in group} <= set(MEASURES)
