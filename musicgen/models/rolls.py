"""Piano rolls as tensors: how two decisions a cell make a roll in which no hold lacks its onset.

The generator decides for each pitch and family at each step whether it sounds, and whether a note
that sounds on is struck again. Every pair of decisions is a roll of whole notes, and every such
roll comes from one pair, so nothing needs to be repaired afterwards.
"""

import tensorflow as tf

SURROGATE_SLOPE = 1.7
"""A sigmoid of this slope is the Gaussian's distribution function, to within 0.01."""


def straight_through(logits: tf.Tensor) -> tf.Tensor:
    """Return 1 where a logit is not negative, else 0, with the gradient of a sigmoid.

    Deterministic binary neurons trained straight through (Bengio et al. 2013; Dong and Yang 2018,
    "Convolutional generative adversarial networks with binary neurons").
    """
    soft = tf.sigmoid(SURROGATE_SLOPE * logits)
    return tf.cast(logits >= 0, soft.dtype) + (soft - tf.stop_gradient(soft))


def binary_roll(sounding: tf.Tensor, restruck: tf.Tensor) -> tf.Tensor:
    """Return the roll of two decisions' logits, each ``(B, steps, pitches, families)``.

    Shape ``(B, steps, pitches, families, 2)``, each value 0 or 1; gradients pass straight through.
    """
    sounds, restrikes = straight_through(sounding), straight_through(restruck)
    held = sounds * _step_before(sounds) * (1 - restrikes)
    return tf.stack([sounds - held, held], -1)


def probable_roll(sounding: tf.Tensor, restruck: tf.Tensor) -> tf.Tensor:
    """Return how sure the two decisions are of each cell, 0–1; shapes as in ``binary_roll``.

    Products of the decisions become minima and sums maxima (Gödel's logic), which commute with
    thresholds: the cells at 0.5 or more are exactly those of ``binary_roll``.
    """
    sounds = tf.sigmoid(SURROGATE_SLOPE * sounding)
    restrikes = tf.sigmoid(SURROGATE_SLOPE * restruck)
    before = _step_before(sounds)
    held = tf.minimum(tf.minimum(sounds, before), 1 - restrikes)
    struck = tf.minimum(sounds, tf.maximum(1 - before, restrikes))
    return tf.stack([struck, held], -1)


def _step_before(sounds: tf.Tensor) -> tf.Tensor:
    """Shift by one step; before the first nothing sounds."""
    return tf.concat([tf.zeros_like(sounds[:, :1]), sounds[:, :-1]], 1)
