import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from strategies import grid_scores

from musicgen.models.rolls import binary_roll, probable_roll, straight_through
from musicgen.representation.pianoroll import SHAPE, to_roll

pytestmark = pytest.mark.slow


def test_two_decisions_on_one_line():
    """Six steps: struck, held, struck again, silent, struck though nothing sounded, held."""
    sounding = tf.reshape(tf.constant([1.0, 2, 1, -1, 3, 1]), [1, 6, 1, 1])
    restruck = tf.reshape(tf.constant([-1.0, -1, 1, 1, -1, -1]), [1, 6, 1, 1])
    roll = binary_roll(sounding, restruck).numpy()[0, :, 0, 0]
    assert roll[:, 0].tolist() == [1, 0, 1, 0, 1, 0]
    assert roll[:, 1].tolist() == [0, 1, 0, 0, 0, 1]


@settings(max_examples=20)
@given(grid_scores(low_pitch=24, high_pitch=107, max_steps=48))
def test_every_roll_comes_of_two_decisions(score):
    roll = to_roll(score)[None]
    sounding = np.where(roll.any(-1), 1.0, -1.0).astype(np.float32)
    restruck = np.where(roll[..., 0], 1.0, -1.0).astype(np.float32)
    assert (binary_roll(sounding, restruck).numpy() == roll).all()


def test_probable_roll_has_the_same_cells():
    random = np.random.default_rng(0)
    sounding, restruck = random.normal(size=(2, 3, *SHAPE[:-1])).astype(np.float32)
    probable = probable_roll(sounding, restruck).numpy()
    assert 0 <= probable.min() <= probable.max() <= 1
    assert ((probable >= 0.5) == (binary_roll(sounding, restruck).numpy() == 1)).all()


def test_gradients_pass_straight_through():
    logits = tf.Variable([-3.0, -0.1, 0.0, 0.1, 3.0])
    with tf.GradientTape() as tape:
        binary = straight_through(logits)
    assert binary.numpy().tolist() == [0, 0, 1, 1, 1]
    gradient = tape.gradient(binary, logits).numpy()
    assert gradient == pytest.approx(gradient[::-1], rel=1e-4)
    assert 0 < gradient[0] < gradient[1] < gradient[2] == pytest.approx(1.7 / 4)
