"""What the critic hears of a piano roll: what ears go by."""

from itertools import combinations

import keras
import numpy as np
import tensorflow as tf

from musicgen.music.family import Family
from musicgen.music.tonality import TONAL_CENTROIDS
from musicgen.representation.pianoroll import PITCHES, STEPS, STEPS_PER_BEAT

LINES = PITCHES * len(Family)
PITCH_CLASSES = 12
LEAP = 12
CLASS_LINES = PITCH_CLASSES * len(Family)
PAIRS = list(combinations(range(len(Family)), 2))


@keras.saving.register_keras_serializable("musicgen")
class RollViews(keras.layers.Layer):
    """What one hears at each step of a roll.

    Returns two tensors: learned projections ``(B, 64, width)``, and views that nobody need learn:
    notes struck and sounding by pitch class in each family and in all together, notes in each
    family, which pitch classes sound, the intervals between them, how far families are apart in
    harmony, how many of the pitch classes sounded 0, 1, 2 … 63 steps before, and how far notes that
    are struck lie from those just before.
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
        heard = [views / 2, classes, intervals / 2, between, _kept(classes) / 3]
        return projected, tf.concat([*heard, _moves(roll) / 2], -1)


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
    """Return how far apart any two families are in the harmony of each step's beat, and who plays.

    The distance is that of their tonal centroids (Harte et al. 2006). Returns ``(B, 64, 12)``: for
    each of six pairs the distance, 0 unless both sound, then whether both do.
    """
    # The views of all families are first; sounding and struck, by pitch class, as are each one's.
    of_family = views[..., 2 * PITCH_CLASSES : 2 * (PITCH_CLASSES + CLASS_LINES)]
    of_family = tf.reshape(of_family, [-1, STEPS, len(Family), 2, PITCH_CLASSES])
    sounding = tf.minimum(of_family[..., 0, :], 1.0)
    in_beats = [-1, STEPS // STEPS_PER_BEAT, STEPS_PER_BEAT, len(Family), PITCH_CLASSES]
    beats = tf.reduce_sum(tf.reshape(sounding, in_beats), 2)
    total = tf.reduce_sum(beats, -1, keepdims=True)
    centroids = tf.matmul(beats, tf.constant(TONAL_CENTROIDS, tf.float32)) / tf.maximum(total, 1.0)
    one_less_other = np.float32([np.eye(len(Family))[a] - np.eye(len(Family))[b] for a, b in PAIRS])
    apart = tf.reduce_sum(tf.square(tf.matmul(one_less_other, centroids)), -1)
    both = tf.maximum(tf.matmul(np.abs(one_less_other), tf.minimum(total, 1.0))[..., 0] - 1, 0.0)
    # A square root that is as good as the distance, but has slopes everywhere, and no steep ones.
    heard = tf.concat([both * tf.sqrt(apart + 0.01), both], -1)
    return tf.repeat(heard, STEPS_PER_BEAT, 1)


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
