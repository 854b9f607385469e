"""Piano rolls as tensors: how voices, each one note at a time, make a roll.

The generator writes for voices: at each step a voice rests or sounds one pitch, and if it sounds on
it may be struck again. Voices of a family never meet: a pitch is the first's that wants it, and the
next takes what it likes best of the others. Whatever they decide is a roll of whole notes, in which
no hold lacks its onset; and every roll in which no more notes sound at once than there are voices
can be written so.
"""

import tensorflow as tf

SLOPE = 1.7
"""A sigmoid of this slope is the Gaussian's distribution function, to within 0.01."""

NEVER = 1e9
"""What is taken off a logit that may not be chosen."""

# Decisions are binary and deterministic, and trained straight through: forwards a decision is 0 or
# 1, backwards it has the gradient of the sigmoid or softmax that it replaces (Bengio et al. 2013;
# Dong and Yang 2018, "Convolutional generative adversarial networks with binary neurons").


def decide(logits: tf.Tensor) -> tf.Tensor:
    """Return 1 where a logit is not negative, else 0."""
    soft = tf.sigmoid(SLOPE * logits)
    return tf.cast(logits >= 0, soft.dtype) + (soft - tf.stop_gradient(soft))


def choose(logits: tf.Tensor, axis: int) -> tf.Tensor:
    """Return 1 for the highest logit along an axis, else 0."""
    soft = tf.nn.softmax(logits, axis)
    highest = tf.cast(logits >= tf.reduce_max(logits, axis, keepdims=True), soft.dtype)
    return highest + (soft - tf.stop_gradient(soft))


def binary_roll(
    pitches: tf.Tensor, sounding: tf.Tensor, restruck: tf.Tensor, families: tf.Tensor
) -> tf.Tensor:
    """Return the roll of the voices' decisions, each value 0 or 1.

    Args:
        pitches: logits of the choice of pitch ``(B, steps, pitches, voices)``.
        sounding: logits of the decision to sound ``(B, steps, voices)``.
        restruck: logits of the decision to strike again a pitch that sounds on, same shape.
        families: logits of each voice's choice of family ``(B, voices, families)``.

    Returns:
        ``(B, steps, pitches, families, 2)``, onsets and holds.
    """
    free = pitches - NEVER * _taken(pitches, sounding, families)
    playing = choose(free, 2) * decide(sounding)[:, :, None]
    return _roll(playing, decide(restruck), choose(families, 2))


def probable_roll(
    pitches: tf.Tensor, sounding: tf.Tensor, restruck: tf.Tensor, families: tf.Tensor
) -> tf.Tensor:
    """Return how sure the voices are of each cell of the roll, 0–1; arguments as ``binary_roll``.

    The cells at 0.5 or more are those of ``binary_roll``. Beyond that, a cell is the surer the
    likelier it would be if all decisions were drawn independently.
    """
    free = pitches - NEVER * _taken(pitches, sounding, families)
    playing = tf.nn.softmax(free, 2) * tf.sigmoid(SLOPE * sounding)[:, :, None]
    drawn = _roll(playing, tf.sigmoid(SLOPE * restruck), tf.nn.softmax(families, 2))
    decided = binary_roll(pitches, sounding, restruck, families)
    return 0.5 * decided + 0.499 * tf.maximum(drawn, 0.0)


def _taken(pitches: tf.Tensor, sounding: tf.Tensor, families: tf.Tensor) -> tf.Tensor:
    """Return 1 where a voice before plays the pitch in the same family, else 0; as ``pitches``."""
    sounds, family = decide(sounding), choose(families, 2)
    played, taken = tf.zeros_like(pitches[..., :1] * families[:, None, None, 0]), []
    for voice in range(pitches.shape[3]):
        taken.append(tf.einsum("btpf,bf->btp", played, family[:, voice]))
        playing = choose(pitches[..., voice] - NEVER * taken[-1], 2) * sounds[:, :, None, voice]
        played += playing[..., None] * family[:, None, None, voice]
    return tf.stop_gradient(tf.stack(taken, 3))


def _roll(playing: tf.Tensor, restrikes: tf.Tensor, families: tf.Tensor) -> tf.Tensor:
    """Bring the voices together."""
    before = tf.concat([tf.zeros_like(playing[:, :1]), playing[:, :-1]], 1)
    holding = playing * before * (1 - restrikes)[:, :, None]
    sounds, held = (
        tf.minimum(tf.einsum("btpv,bvf->btpf", voices, families), 1.0)
        for voices in (playing, holding)
    )
    return tf.stack([sounds - held, held], -1)
