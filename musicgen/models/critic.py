"""The critic: how real a piano roll is, judged by what ears go by as well as by the roll."""

import keras
import numpy as np
import tensorflow as tf

from musicgen.music.family import Family
from musicgen.representation.pianoroll import PITCHES, STEPS

GROUP = 4
"""Neighbours in a batch that are compared with one another; batches must be multiples of it."""

LINES = PITCHES * len(Family)
PITCH_CLASSES = 12
LEAP = 12
CLASS_LINES = PITCH_CLASSES * len(Family)


def build_critic(composers: int, ensembles: int, width: int) -> keras.Model:
    """Return a critic with fresh weights, in float32 whatever the policy: it is derived twice.

    Each step is seen through learned projections and as pitch classes, intervals and likeness to
    earlier steps (``RollViews``); convolutions bring steps, beats and bars together. The score adds
    what is likely for the composer and ensemble (Miyato and Koyama 2018, projection).

    Inputs: ``roll (B, 64, 84, 4, 2)`` float32, ``composer`` and ``ensemble (B,)`` int32.
    Output: ``(B,)``, unbounded; higher is more real.
    """
    roll = keras.Input((STEPS, PITCHES, len(Family), 2), name="roll")
    composer = keras.Input((), dtype="int32", name="composer")
    ensemble = keras.Input((), dtype="int32", name="ensemble")
    projected, heard = RollViews(width, name="views")(roll)
    heard = _dense(width, "heard")(heard)
    x = keras.layers.Concatenate(name="steps")([keras.layers.LeakyReLU(0.2)(projected), heard])
    x = _convolution(2 * width, 4, 2, "half_beats")(x)
    x = _convolution(2 * width, 4, 2, "beats")(x)
    x = _convolution(2 * width, 3, 1, "beats_around")(x)
    x = _convolution(4 * width, 4, 4, "bars")(x)
    x = keras.layers.Flatten(dtype="float32", name="piece")(x)
    x = GroupSpread(dtype="float32", name="spread")(x)
    x = _dense(4 * width, "judgement")(x)
    labels = keras.layers.Concatenate(dtype="float32", name="labels")(
        [
            _labels(composers, width, "composers")(composer),
            _labels(ensembles, width, "ensembles")(ensemble),
        ]
    )
    likely = keras.layers.Dot(1, dtype="float32", name="likely")([x, labels])
    score = keras.layers.Dense(1, dtype="float32", name="score")(x) + likely / float(
        np.sqrt(4 * width)
    )
    return keras.Model(
        {"roll": roll, "composer": composer, "ensemble": ensemble}, score[:, 0], name="critic"
    )


@keras.saving.register_keras_serializable("musicgen")
class RollViews(keras.layers.Layer):
    """What one hears at each step of a roll.

    Returns two tensors: learned projections ``(B, 64, width)``, and views that nobody need learn:
    notes struck and sounding by pitch class in each family and in all together, notes in each
    family, which pitch classes sound, the intervals between them and between families, how many of
    them sounded 0, 1, 2 … 63 steps before, and how far notes that are struck lie from those just
    before.
    """

    def __init__(self, width: int, **kwargs) -> None:
        super().__init__(dtype="float32", **kwargs)
        self._width = width

    def build(self, input_shape) -> None:
        """Create the projection; the views' matrix is fixed."""
        self.kernel = self.add_weight((2 * LINES, self._width), "glorot_uniform", name="kernel")
        self.bias = self.add_weight((self._width,), "zeros", name="bias")

    def call(self, roll):
        """Project, then derive what is not linear."""
        steps = tf.reshape(roll, [-1, STEPS, 2 * LINES])
        projected = tf.matmul(steps, tf.convert_to_tensor(self.kernel)) + self.bias
        # Octaves are added up first: all views are of pitch classes, and products with seven times
        # as many cells are what a step of training would spend its time on.
        octaves = tf.reshape(roll, [-1, STEPS, PITCHES // PITCH_CLASSES, 2 * CLASS_LINES])
        views = tf.matmul(tf.reduce_sum(octaves, 2), tf.constant(_linear_views()))
        classes = tf.minimum(views[..., :PITCH_CLASSES], 1.0)
        pairs = tf.reshape(
            classes[..., None] * classes[..., None, :], [-1, STEPS, PITCH_CLASSES**2]
        )
        intervals = tf.matmul(pairs, tf.constant(_interval_classes()))
        between = _between_families(views)
        heard = [views / 2, classes, intervals / 2, between / 2, _kept(classes) / 3]
        return projected, tf.concat([*heard, _moves(roll) / 2], -1)


@keras.saving.register_keras_serializable("musicgen")
class GroupSpread(keras.layers.Layer):
    """Adds one feature: how much the pieces of a group differ (Karras et al. 2018).

    A generator that always plays the same piece gives itself away by it.
    """

    def call(self, features):
        """Return ``(B, F + 1)``."""
        groups = tf.reshape(features, [-1, GROUP, features.shape[-1]])
        variance = tf.math.reduce_variance(groups, 1)
        spread = tf.reduce_mean(tf.sqrt(variance + 1e-6), -1)
        return tf.concat([features, tf.repeat(spread, GROUP)[:, None]], -1)


def _linear_views() -> np.ndarray:
    """Return the matrix from a step's cells by pitch class to counts ``(2 * CLASS_LINES, 128)``.

    First the notes that sound in any family, by pitch class; then those struck; then both for each
    family, by pitch class and in all.
    """
    cells = np.zeros((PITCH_CLASSES, len(Family), 2, PITCH_CLASSES, 2), np.float32)
    for pitch_class in range(PITCH_CLASSES):
        cells[pitch_class, :, :, pitch_class, 0] = 1
        cells[pitch_class, :, 0, pitch_class, 1] = 1
    rows = cells.reshape(2 * CLASS_LINES, PITCH_CLASSES, 2)
    families = np.zeros((PITCH_CLASSES, len(Family), 2, len(Family)), np.float32)
    for family in Family:
        families[:, family, :, family] = 1
    in_family = np.einsum("rcl,rf->rflc", rows, families.reshape(2 * CLASS_LINES, -1))
    views = [
        rows.transpose(0, 2, 1).reshape(2 * CLASS_LINES, -1),
        in_family.reshape(2 * CLASS_LINES, -1),
        in_family.sum(-1).reshape(2 * CLASS_LINES, -1),
    ]
    return np.concatenate(views, 1)


def _interval_classes() -> np.ndarray:
    """Return the matrix from pairs of pitch classes to interval classes 1–6, ``(144, 6)``."""
    first, second = np.divmod(np.arange(PITCH_CLASSES**2), PITCH_CLASSES)
    up = (second - first) % PITCH_CLASSES
    return np.stack([up == n for n in range(1, 7)], 1).astype(np.float32) / np.float32(
        [1, 1, 1, 1, 1, 2]
    )


def _between_families(views):
    """Count pairs of pitch classes of any two families by the semitones up to the second's.

    Returns ``(B, 64, 112)``, 0 to 6 semitones: how well families agree in harmony.
    """
    # The views of all families are first; sounding and struck, by pitch class, as are each one's.
    of_family = views[..., 2 * PITCH_CLASSES : 2 * (PITCH_CLASSES + CLASS_LINES)]
    of_family = tf.reshape(of_family, [-1, STEPS, len(Family), 2, PITCH_CLASSES])
    sounding = tf.minimum(of_family[..., 0, :], 1.0)
    moved = tf.concat([tf.roll(sounding, -semitones, 3) for semitones in range(7)], 2)
    pairs = tf.matmul(sounding, moved, transpose_b=True)
    return tf.reshape(pairs, [-1, STEPS, 7 * len(Family) ** 2])


def _kept(classes):
    """Count the pitch classes that sounded 0 … 63 steps before too, ``(B, 64, 64)``."""
    alike = tf.matmul(classes, classes, transpose_b=True)
    # Padded to twice its width and read in rows that are one cell longer, the matrix is skewed:
    # what lay on a diagonal now lies in a column.
    cells = tf.reshape(tf.pad(alike, [[0, 0], [0, 0], [STEPS, 0]]), [-1, 2 * STEPS**2])
    skewed = tf.reshape(tf.pad(cells, [[0, 0], [0, STEPS]]), [-1, STEPS, 2 * STEPS + 1])
    return tf.reverse(skewed[..., 1 : STEPS + 1], [2])


def _moves(roll):
    """Count pairs of a note struck and one that sounded just before, by semitones from -12 to 12.

    Returns ``(B, 64, 25)``. Steps and leaps of a melody are among them, whatever its pitch.
    """
    sounding = tf.minimum(tf.reduce_sum(roll, [3, 4]), 1.0)
    struck = tf.minimum(tf.reduce_sum(roll[..., 0], 3), 1.0)
    before = tf.pad(sounding[:, :-1], [[0, 0], [1, 0], [LEAP, LEAP]])
    shifts = range(2 * LEAP + 1)
    return tf.stack([tf.reduce_sum(struck * before[..., n : n + PITCHES], -1) for n in shifts], -1)


def _convolution(width: int, kernel: int, stride: int, name: str) -> keras.layers.Layer:
    return keras.layers.Conv1D(
        width,
        kernel,
        stride,
        padding="same",
        activation=keras.layers.LeakyReLU(0.2),
        dtype="float32",
        name=name,
    )


def _dense(units: int, name: str) -> keras.layers.Layer:
    return keras.layers.Dense(units, keras.layers.LeakyReLU(0.2), dtype="float32", name=name)


def _labels(rows: int, width: int, name: str) -> keras.layers.Layer:
    return keras.layers.Embedding(rows, 2 * width, dtype="float32", name=name)
