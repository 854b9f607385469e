"""The critic: how real a piano roll is, judged by what ears go by as well as by the roll."""

import keras
import numpy as np
import tensorflow as tf

from musicgen.models.roll_views import RollViews
from musicgen.music.family import Family
from musicgen.representation.pianoroll import PITCHES, STEPS

GROUP = 4
"""Neighbours in a batch that are compared with one another; batches must be multiples of it."""


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
