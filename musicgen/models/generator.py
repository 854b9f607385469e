"""The generator: from a latent vector, coarse to fine, to the logits of a piano roll."""

from dataclasses import dataclass
from statistics import NormalDist

import keras
import numpy as np

from musicgen.models.roll_prior import LINES, RollPrior
from musicgen.music.family import Family
from musicgen.representation.pianoroll import BARS, PITCHES, STEPS

LABEL_DIM = 16
SPLITS = (4, 2, 2)
"""A bar has four beats, a beat two halves, a half two steps."""


@dataclass(frozen=True)
class GeneratorShape:
    """What decides the arrays of a generator.

    Attributes:
        composers: number of composers, ``unknown`` among them.
        ensembles: number of ensembles, ``unknown`` among them.
        latent_dim: size of the latent vector, a multiple of 8. Its first half belongs to all four
            bars; the second half is cut into four, one part for each bar.
        width: features at each point in time.
    """

    composers: int
    ensembles: int
    latent_dim: int = 128
    width: int = 128


def build_generator(shape: GeneratorShape, prior: RollPrior, name: str) -> keras.Model:
    """Return a generator with fresh weights.

    Time unfolds from four bars to 64 steps. On each level the features are refined, and read out
    into a harmony that adds to the coarser levels' harmonies, so that what the whole piece has in
    common (its key), what a bar, a beat and a step have, are decided one after the other; a line
    sounds where the sum exceeds its threshold. At first the shares of the levels, the thresholds
    and the chords that harmonies stand for are the prior's.

    Inputs: ``latent (B, latent_dim)``, standard normal, ``composer (B,)`` and ``ensemble (B,)``
    int32. Outputs: logits ``sounding`` and ``restruck``, ``(B, 64, 84, 4)`` float32; see ``rolls``.
    """
    latent = keras.Input((shape.latent_dim,), name="latent")
    composer = keras.Input((), dtype="int32", name="composer")
    ensemble = keras.Input((), dtype="int32", name="ensemble")
    half, width = shape.latent_dim // 2, shape.width
    labels = [
        keras.layers.Embedding(shape.composers, LABEL_DIM, name="composer_labels")(composer),
        keras.layers.Embedding(shape.ensembles, LABEL_DIM, name="ensemble_labels")(ensemble),
    ]
    piece = keras.layers.Concatenate(name="piece_input")([latent[:, :half], *labels])
    piece = _dense(2 * width, "piece")(piece)
    harmony = _reshaped(_harmony(piece, prior, 0), (1, width))
    of_each_bar = _reshaped(latent[:, half:], (BARS, half // BARS))
    bars = _reshaped(keras.layers.Dense(BARS * width, name="bars")(piece), (BARS, width))
    time = bars + keras.layers.Dense(width, name="bar_latents")(of_each_bar)
    time = _normal(keras.layers.LeakyReLU(0.2)(time), "bars_normal")
    harmony = _unfold(harmony, BARS) + _harmony(time, prior, 1)
    for level, split in enumerate(SPLITS, start=2):
        time = _refined(time, split, f"level_{level}")
        harmony = _unfold(harmony, split) + _harmony(time, prior, level)
    sounding = keras.layers.Dense(
        LINES,
        use_bias=False,
        kernel_initializer=keras.initializers.Constant(prior.chords),
        dtype="float32",
        name="chords",
    )(harmony)
    thresholds = Thresholds(shape.composers, prior, name="thresholds")
    sounding = thresholds(sounding, composer, ensemble)
    restruck = keras.layers.Dense(
        LINES,
        kernel_initializer=keras.initializers.RandomNormal(0, 0.5 / np.sqrt(width)),
        bias_initializer=keras.initializers.Constant(NormalDist().inv_cdf(prior.restrike)),
        dtype="float32",
        name="restruck_lines",
    )(time)
    cells = keras.layers.Reshape((STEPS, PITCHES, len(Family)), dtype="float32")
    outputs = {"sounding": cells(sounding), "restruck": cells(restruck)}
    inputs = {"latent": latent, "composer": composer, "ensemble": ensemble}
    return keras.Model(inputs, outputs, name=name)


@keras.saving.register_keras_serializable("musicgen")
class Thresholds(keras.layers.Layer):
    """Adds to each line's logits what composer and ensemble make of it: their register."""

    def __init__(self, composers: int, prior: RollPrior, **kwargs) -> None:
        super().__init__(dtype="float32", **kwargs)
        self._composers = composers
        self._prior = prior

    def build(self, *_) -> None:
        """Create one row for each ensemble, the prior's, and one for each composer, of zeros."""
        initial = keras.initializers.Constant(self._prior.thresholds)
        self.ensembles = self.add_weight(self._prior.thresholds.shape, initial, name="ensembles")
        self.composers = self.add_weight((self._composers, LINES), "zeros", name="composers")

    def call(self, logits, composer, ensemble):
        """Return the logits ``(B, steps, LINES)`` with both rows added."""
        rows = keras.ops.take(self.composers, composer, axis=0)
        return logits + (rows + keras.ops.take(self.ensembles, ensemble, axis=0))[:, None]


def _harmony(features, prior: RollPrior, level: int):
    """Read a harmony out of a level's features: as many numbers as there are ``prior.chords``.

    Normalised, so that it is spread like the Gaussian of the prior, then weighted.
    """
    width = len(prior.chords)
    read = keras.layers.Dense(width, name=f"harmony_{level}")(features)
    gain = keras.initializers.Constant(np.sqrt(prior.shares[level]))
    return keras.layers.LayerNormalization(
        center=False, gamma_initializer=gain, name=f"harmony_{level}_share"
    )(read)


def _refined(time, split: int, name: str):
    """Split each point in time in several, then let neighbours see one another."""
    steps, width = time.shape[1:]
    time = _reshaped(
        keras.layers.Dense(split * width, name=f"{name}_split")(time), (steps * split, width)
    )
    time = _normal(keras.layers.LeakyReLU(0.2)(time), f"{name}_split_normal")
    around = keras.layers.Conv1D(width, 3, padding="same", name=f"{name}_around")(time)
    return _normal(keras.layers.LeakyReLU(0.2)(time + around), f"{name}_normal")


def _dense(units: int, name: str) -> keras.layers.Layer:
    return keras.layers.Dense(units, keras.layers.LeakyReLU(0.2), name=name)


def _normal(x, name: str):
    return keras.layers.LayerNormalization(name=name)(x)


def _reshaped(x, shape: tuple[int, ...]):
    return keras.layers.Reshape(shape)(x)


def _unfold(x, times: int):
    """Repeat each point in time."""
    return keras.layers.UpSampling1D(times)(x)
