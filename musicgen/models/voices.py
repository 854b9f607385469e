"""The generator's last layer: what each voice plays, read from harmony and motion."""

import keras
import numpy as np
import tensorflow as tf

from musicgen.models.roll_prior import MOTIONS, ORCHESTRATIONS, RollPrior
from musicgen.representation.pianoroll import PITCHES

REACH_SEMITONES = 2.5
PULL = 2.0
"""At first a voice seeks the best note of the harmony about so far around where it is heading."""

TOGETHER = 2.0
"""So much more than its own motion does a voice heed that of all on average, to sound or to rest: a
third highest note there is only where there is a second.
"""

TABLES = ("register", "spread", "presence", "families", "restrike")
"""What of the prior depends on ensemble and composer."""


@keras.saving.register_keras_serializable("musicgen")
class Voices(keras.layers.Layer):
    """Reads voices from harmony and motion, both spread like standard normals.

    Harmony says how well each pitch fits at each step, for all voices alike. Each voice is for a
    pitch of its own, below that of the voice before it, and chooses where harmony and the nearness
    of that pitch are best together:
    ``pull * harmony(pitch) - (pitch - heading)**2 / (2 * reach**2)``.
    Where it is heading, how often it sounds and is struck again, and its family depend on ensemble
    and composer, and by how much more or less than others an ensemble is pulled.

    Args:
        composers: number of composers.
        prior: what all weights start from.
    """

    def __init__(self, composers: int, prior: RollPrior, **kwargs) -> None:
        super().__init__(dtype="float32", **kwargs)
        self._composers = composers
        self._prior = prior

    def build(self, harmony_shape, motion_shape, *_) -> None:
        """Create the weights."""
        prior, voices = self._prior, self._prior.register.shape[1]
        for name, kernel in _first_kernels(motion_shape["heading"][-1], voices).items():
            setattr(self, name, self._weight(name, kernel))
        self.pull = self._weight("pull", np.full(voices, PULL))
        ensembles = prior.register.shape[0]
        self.pull_of_ensemble = self._weight("pull_of_ensemble", np.zeros(ensembles))
        self.reach = self._weight("reach", np.full(voices, REACH_SEMITONES / 12))
        self.tables = {}
        for name in TABLES:
            rows = getattr(prior, name)
            self.tables[f"{name}_of_ensemble"] = self._weight(f"{name}_of_ensemble", rows)
            zeros = np.zeros((self._composers, *rows.shape[1:]))
            self.tables[f"{name}_of_composer"] = self._weight(f"{name}_of_composer", zeros)

    def call(self, harmony, motion, orchestration, composer, ensemble):
        """Return the logits that ``rolls.binary_roll`` takes.

        Args:
            harmony: ``(B, steps, PITCHES)``.
            motion: by name of ``MOTIONS``, ``(B, steps, width)``.
            orchestration: the highest of these numbers ``(B, ORCHESTRATIONS)``, or fewer, says how
                the voices are shared out among the families.
            composer: ``(B,)`` int32.
            ensemble: ``(B,)`` int32.
        """
        register, spread, presence, families, restrike = (
            tf.gather(self.tables[f"{name}_of_ensemble"], ensemble)
            + tf.gather(self.tables[f"{name}_of_composer"], composer)
            for name in TABLES
        )
        chosen = tf.one_hot(tf.argmax(orchestration, 1), ORCHESTRATIONS)
        heading = register[:, None] + spread[:, None] * _read(motion["heading"], self.heading)
        ways_down = tf.cumsum(tf.exp(heading[..., 1:]), -1)
        heading = heading[..., :1] - tf.pad(ways_down, [[0, 0], [0, 0], [1, 0]])
        pull = tf.exp(tf.gather(self.pull_of_ensemble, ensemble))[:, None] * self.pull
        octaves = tf.range(PITCHES, dtype=tf.float32)[:, None] / 12
        away = (octaves - heading[:, :, None]) / self.reach
        return {
            "pitches": harmony[..., None] * pull[:, None, None] - tf.square(away) / 2,
            "sounding": presence[:, None] + _read(motion["presence"], _heeding_all(self.presence)),
            "restruck": restrike[:, None] + _read(motion["restrike"], self.restrike),
            "families": tf.einsum("bovf,bo->bvf", families, chosen),
        }

    def _weight(self, name: str, value: np.ndarray) -> keras.Variable:
        initial = keras.initializers.Constant(value.astype(np.float32))
        return self.add_weight(value.shape, initial, name=name)


def _first_kernels(width: int, voices: int) -> dict[str, np.ndarray]:
    """Return the kernels ``(width, voices)`` by which ``_read`` keeps variances as they are."""
    random = np.random.default_rng(0)
    drawn = random.normal(size=(len(MOTIONS), width, voices))
    kernels = dict(zip(MOTIONS, drawn, strict=True))
    kernels["presence"] += kernels["presence"][:, :1]
    sizes = kernels | {"presence": _heeding_all(kernels["presence"])}
    return {
        name: kernel * np.sqrt(width) / np.linalg.norm(sizes[name], axis=0)
        for name, kernel in kernels.items()
    }


def _read(motion, kernel):
    """Read motion by weights of size 1, of which no step of training changes much.

    That is Karras et al. 2018's equalized learning rate: what the prior says of voices would
    otherwise be gone after some hundred steps.
    """
    return tf.matmul(motion, kernel / float(np.sqrt(kernel.shape[0])))


def _heeding_all(kernel):
    """Return what voices are moved by ``(width, voices)``: their own, and all others' as well."""
    mean = kernel @ np.full((kernel.shape[1], 1), 1 / kernel.shape[1], np.float32)
    return (kernel + TOGETHER * mean) / (1 + TOGETHER)
