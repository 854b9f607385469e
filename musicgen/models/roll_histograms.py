"""What can be counted in piano rolls, as TensorFlow: what ``RollDistance`` compares."""

import tensorflow as tf

from musicgen.music.family import Family
from musicgen.representation.pianoroll import BARS, PITCHES, STEPS, STEPS_PER_BAR

MOST_PITCHES = 8
MOST_SEMITONES = 12
LENGTHS_STEPS = (1, 2, 3, 4, 5, 7, 9, 13, 17)
BAR_NOTES = (0, 1, 3, 5, 7, 9, 11, 13, 16, 20, 25, 31, 41, 55)
"""Lower bounds of the classes of note lengths and of notes in a bar."""

SIZES = {
    "density": len(BAR_NOTES),
    "polyphony": MOST_PITCHES + 1,
    "intervals": 6,
    "pitch_classes": 13,
    "tonality": 12,
    "register": PITCHES // 12 * len(Family),
    "lengths": len(LENGTHS_STEPS),
    "onsets": STEPS_PER_BAR,
    "melody": MOST_SEMITONES + 1,
    "motion": 2,
    "repetition": 2,
}
"""Number of classes by histogram."""


def histograms(rolls: tf.Tensor) -> dict[str, tf.Tensor]:
    """Count each of a batch of binary rolls ``(B, 64, 84, 4, 2)``.

    Returns float32 by name, ``(B, SIZES[name])``:

    - ``density``: bars, by the notes that begin in them.
    - ``polyphony``: steps, by how many pitches sound.
    - ``intervals``: pairs of pitch classes that sound together, by interval class 1–6.
    - ``pitch_classes``: bars, by how many pitch classes sound in them.
    - ``tonality``: steps in which a pitch class sounds, from the most frequent class to the least.
    - ``register``: notes, by octave and family.
    - ``lengths``: notes, by length.
    - ``onsets``: notes, by the step of the bar that they begin in.
    - ``melody``: successive steps, by how far the highest pitch moves.
    - ``motion``: sounding pitch classes that did and didn't sound a beat before.
    - ``repetition``: onsets that do and don't recur in the next bar.
    """
    onsets, holds = rolls[..., 0], rolls[..., 1]
    pitches = tf.reduce_max(onsets + holds, -1)
    classes = tf.reduce_max(tf.reshape(pitches, [-1, STEPS, PITCHES // 12, 12]), 2)
    in_bar = tf.reduce_max(tf.reshape(classes, [-1, BARS, STEPS_PER_BAR, 12]), 2)
    starts = tf.reshape(tf.reduce_sum(onsets, [2, 3]), [-1, BARS, STEPS_PER_BAR])
    octaves = tf.reshape(onsets, [-1, STEPS, PITCHES // 12, 12, len(Family)])
    intervals = [tf.reduce_sum(classes * tf.roll(classes, n, 2), [1, 2]) for n in range(1, 7)]
    register = tf.reduce_sum(octaves, [1, 3])
    return {
        "density": _classes(tf.reduce_sum(starts, 2), BAR_NOTES),
        "polyphony": _classes(tf.reduce_sum(pitches, -1), range(MOST_PITCHES + 1)),
        "intervals": tf.stack([*intervals[:5], intervals[5] / 2], 1),
        "pitch_classes": _classes(tf.reduce_sum(in_bar, -1), range(13)),
        "tonality": tf.sort(tf.reduce_sum(classes, 1), direction="DESCENDING"),
        "register": tf.reshape(register, [-1, SIZES["register"]]),
        "lengths": _lengths(onsets, holds),
        "onsets": tf.reduce_sum(starts, 1),
        "melody": _melody(pitches),
        "motion": _shared(classes[:, 4:], classes[:, :-4]),
        "repetition": _recurring(onsets),
    }


def _classes(values: tf.Tensor, bounds) -> tf.Tensor:
    """Count each row's values ``(B, n)`` by the last bound that they reach."""
    reached = values[..., None] >= tf.constant(list(bounds), tf.float32)
    return _between(tf.reduce_sum(tf.cast(reached, tf.float32), 1))


def _between(at_least: tf.Tensor) -> tf.Tensor:
    """Turn counts of what reaches each bound into counts of what reaches no later one."""
    return at_least - tf.pad(at_least[:, 1:], [[0, 0], [0, 1]])


def _lengths(onsets: tf.Tensor, holds: tf.Tensor) -> tf.Tensor:
    """Count notes by the last bound of ``LENGTHS_STEPS`` that they reach."""
    sounding, at_least = onsets, []
    for length in range(1, LENGTHS_STEPS[-1] + 1):
        if length in LENGTHS_STEPS:
            at_least.append(tf.reduce_sum(sounding, [1, 2, 3]))
        sounding = sounding[:, :-1] * holds[:, length:]
    return _between(tf.stack(at_least, 1))


def _melody(pitches: tf.Tensor) -> tf.Tensor:
    """Count moves of the highest pitch in semitones between steps that both sound."""
    highest = tf.reduce_max(pitches * tf.range(1.0, PITCHES + 1), -1)
    before, after = highest[:, :-1], highest[:, 1:]
    moves = tf.where((before > 0) & (after > 0), tf.abs(after - before), -1.0)
    return _classes(moves, range(MOST_SEMITONES + 1))


def _recurring(onsets: tf.Tensor) -> tf.Tensor:
    bars = tf.reshape(tf.reduce_max(onsets, -1), [-1, BARS, STEPS_PER_BAR, PITCHES])
    return _shared(bars[:, 1:], bars[:, :-1])


def _shared(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    """Count the cells of each row of the first that the second does and doesn't hold."""
    axes = list(range(1, len(first.shape)))
    both = tf.reduce_sum(first * second, axes)
    return tf.stack([both, tf.reduce_sum(first, axes) - both], 1)
