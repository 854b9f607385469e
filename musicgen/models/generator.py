"""The generator: from a latent vector, coarse to fine, to the voices of a piano roll."""

from dataclasses import dataclass

import keras

from musicgen.models.pace import Pace
from musicgen.models.roll_prior import MOTIONS, ORCHESTRATIONS, PACES, RollPrior
from musicgen.models.voices import Voices
from musicgen.representation.pianoroll import BARS, PITCHES

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
            bars; of it the first ``orchestrations`` also say which family plays which voice, and
            the last ``PACES`` how fast the piece moves. The second half is cut into four, one part
            for each bar.
        width: features at each point in time.
        voices: as many notes can sound at once.
    """

    composers: int
    ensembles: int
    latent_dim: int = 128
    width: int = 128
    voices: int = 8

    @property
    def orchestrations(self) -> int:
        """Among so many of the prior's orchestrations a piece chooses."""
        return min(ORCHESTRATIONS, self.latent_dim // 2)


def build_generator(shape: GeneratorShape, prior: RollPrior, name: str) -> keras.Model:
    """Return a generator with fresh weights.

    Time unfolds from four bars to 64 steps. On each level features are refined, and harmony and
    motion are read out and added to those of the levels above: what the whole piece has in common
    (its key), what a bar, a beat and a step have, are decided one after the other, each with the
    weight that the labels give it (``Pace``). From their sums the voices are read (``Voices``). At
    first, all that is read is distributed as the prior says.

    Inputs: ``latent (B, latent_dim)``, standard normal, ``composer (B,)`` and ``ensemble (B,)``
    int32. Outputs: the logits that ``rolls.binary_roll`` takes, float32.
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
    piece = _normal(_dense(2 * width, "piece")(piece), "piece_normal")
    levels = [_reshaped(piece, (1, 2 * width))]
    of_each_bar = _reshaped(latent[:, half:], (BARS, half // BARS))
    bars = _reshaped(keras.layers.Dense(BARS * width, name="bars")(piece), (BARS, width))
    time = bars + keras.layers.Dense(width, name="bar_latents")(of_each_bar)
    time = _normal(keras.layers.LeakyReLU(0.2)(time), "bars_normal")
    levels.append(time)
    for level, split in enumerate(SPLITS, start=2):
        levels.append(_refined(levels[-1], split, f"level_{level}"))
    pace = latent[:, half - PACES : half]
    paces = {
        name: Pace(shape.composers, shares, prior.variety[name], name=f"{name}_pace")(
            pace, composer, ensemble
        )
        for name, shares in prior.shares.items()
    }
    harmony = [_harmony(each, prior, level) for level, each in enumerate(levels)]
    motion = [_gaussian(each, width, f"motion_{level}") for level, each in enumerate(levels)]
    moved = {name: _sum(motion, paces[name]) for name in MOTIONS}
    voices = Voices(shape.composers, prior, name="voices")
    orchestration = latent[:, : shape.orchestrations]
    played = voices(_sum(harmony, paces["harmony"]), moved, orchestration, composer, ensemble)
    inputs = {"latent": latent, "composer": composer, "ensemble": ensemble}
    return keras.Model(inputs, played, name=name)


def _harmony(features, prior: RollPrior, level: int):
    """Read how well each pitch fits, as far as a level decides it."""
    name = f"harmony_{level}"
    chords = keras.initializers.Constant(prior.chords[level])
    layer = keras.layers.Dense(PITCHES, use_bias=False, kernel_initializer=chords, name=name)
    return layer(_gaussian(features, PITCHES, f"{name}_read"))


def _gaussian(features, size: int, name: str):
    """Read numbers that are spread like standard normals, at first."""
    read = keras.layers.Dense(size, name=name)(features)
    return keras.layers.LayerNormalization(center=False, name=f"{name}_normal")(read)


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


def _sum(levels: list, pace):
    """Add up what the levels of time have, each as much as the pace gives it."""
    total = levels[0] * pace[:, 0]
    for level, finer in enumerate(levels[1:], start=1):
        times = finer.shape[1] // total.shape[1]
        total = keras.layers.UpSampling1D(times)(total) + finer * pace[:, level]
    return total
