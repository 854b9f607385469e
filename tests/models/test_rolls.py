import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from strategies import grid_scores

from musicgen.models.rolls import binary_roll, choose, decide, probable_roll
from musicgen.music.family import Family
from musicgen.representation.pianoroll import LOW_PITCH, SHAPE, STEPS, to_roll

pytestmark = pytest.mark.slow

VOICES = 40


def logits_of(score, voices):
    """Write a score for voices, each note for the first that is free for it."""
    free_from = np.zeros(voices, int)
    playing = np.full((STEPS, SHAPE[1], voices), -9.0, np.float32)
    sounding = np.full((STEPS, voices), -1.0, np.float32)
    restruck = sounding.copy()
    families = np.zeros((voices, 4), np.float32)
    owner = np.full(voices, -1)
    for onset, duration, pitch, family in score.notes.tolist():
        fitting = (free_from <= onset) & ((owner == family) | (owner < 0))
        voice = int(np.flatnonzero(fitting)[0])
        free_from[voice], owner[voice] = onset + duration, family
        families[voice, family] = 1
        playing[onset : onset + duration, pitch - LOW_PITCH, voice] = 5
        sounding[onset : onset + duration, voice] = 1
        restruck[onset, voice] = 1
    return [array[None] for array in (playing, sounding, restruck, families)]


@settings(max_examples=30)
@given(grid_scores(low_pitch=24, high_pitch=107, max_steps=48, max_notes=VOICES))
def test_every_roll_can_be_written_for_voices(score):
    voices = logits_of(score, VOICES * 4)
    assert (binary_roll(*voices).numpy()[0] == to_roll(score)).all()


def test_one_voice():
    """Struck, held, struck again, at rest, struck, moved on."""
    pitches = np.zeros((1, 6, 3, 1), np.float32)
    pitches[0, :5, 1] = pitches[0, 5, 2] = 4
    sounding = np.array([1, 2, 1, -1, 1, 3], np.float32)[None, :, None]
    restruck = np.array([-1, -1, 1, 1, -1, -1], np.float32)[None, :, None]
    roll = binary_roll(pitches, sounding, restruck, np.array([[[0.0, 1.0]]], np.float32)).numpy()
    assert roll[..., 0, :].max() == 0  # the voice belongs to the other family
    struck, held = roll[0, :, :, 1, 0], roll[0, :, :, 1, 1]
    assert np.argwhere(struck).tolist() == [[0, 1], [2, 1], [4, 1], [5, 2]]
    assert np.argwhere(held).tolist() == [[1, 1]]


def test_voices_of_a_family_do_not_meet():
    """Both like the middle pitch best. Together, the first alone, the second alone, together."""
    pitches = np.tile(np.array([[0, 0], [2, 2], [0, 1]], np.float32), (1, 4, 1, 1))
    sounding = np.array([[1, 1], [1, -1], [-1, 1], [1, 1]], np.float32)[None]
    restruck = np.full((1, 4, 2), -1, np.float32)

    def played(*families):
        voices = np.eye(4, dtype=np.float32)[None, list(families)]
        roll = binary_roll(pitches, sounding, restruck, voices).numpy()
        return [np.flatnonzero(step).tolist() for step in roll[0, ..., families[1], :].any(-1)]

    assert played(Family.STRINGS, Family.STRINGS) == [[1, 2], [1], [1], [1, 2]]
    assert played(Family.STRINGS, Family.WINDS) == [[1], [], [1], [1]]


def random_logits(seed, batch=3, voices=5):
    random = np.random.default_rng(seed)
    shapes = [(STEPS, SHAPE[1], voices), (STEPS, voices), (STEPS, voices), (voices, 4)]
    return [random.normal(size=(batch, *shape)).astype(np.float32) for shape in shapes]


def test_nothing_is_held_that_was_not_struck():
    roll = binary_roll(*random_logits(0)).numpy()
    struck, held = roll[..., 0], roll[..., 1]
    assert set(np.unique(roll)) == {0, 1}
    assert (struck * held).max() == 0
    assert (held[:, 1:] <= struck[:, :-1] + held[:, :-1]).all()
    assert held[:, 0].max() == 0


def test_probable_roll_has_the_same_cells():
    voices = random_logits(1)
    probable, binary = probable_roll(*voices).numpy(), binary_roll(*voices).numpy()
    assert 0 <= probable.min() <= probable.max() <= 1
    assert ((probable >= 0.5) == (binary == 1)).all()
    assert probable[binary == 1].std() > 0
    surer = probable_roll(voices[0] * 3, *voices[1:]).numpy()
    assert surer[binary == 1].mean() > probable[binary == 1].mean()


def test_gradients_pass_straight_through():
    logits = tf.Variable([-3.0, -0.1, 0.0, 0.1, 3.0])
    with tf.GradientTape(persistent=True) as tape:
        binary, chosen = decide(logits), choose(logits, 0)[4]
        expected = tf.nn.softmax(logits)[4]
    assert binary.numpy().tolist() == [0, 0, 1, 1, 1]
    gradient = tape.gradient(binary, logits).numpy()
    assert gradient == pytest.approx(gradient[::-1], rel=1e-4)
    assert 0 < gradient[0] < gradient[1] < gradient[2] == pytest.approx(1.7 / 4)
    assert chosen == 1
    np.testing.assert_allclose(tape.gradient(chosen, logits), tape.gradient(expected, logits))
