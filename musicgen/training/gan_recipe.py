"""The GAN's recipe."""

from functools import cached_property
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf

from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.models.critic import GROUP
from musicgen.models.generator import GeneratorShape
from musicgen.models.music_gan import MusicGAN
from musicgen.preprocess.dataset import Dataset
from musicgen.representation.pianoroll import PITCHES
from musicgen.training.calibration import calibrate
from musicgen.training.config import TrainingConfig
from musicgen.training.gan_options import GanOptions
from musicgen.training.generator_files import arrays, onnx_graph, rows_of, set_arrays
from musicgen.training.labels import LABELS, as_met, unmet
from musicgen.training.measured_prior import measure_prior
from musicgen.training.recipe import BundleParts
from musicgen.training.roll_batches import RollBatches
from musicgen.training.rolls import Rolls
from musicgen.training.sweep import MONITORED


class GanRecipe:
    """Trains ``MusicGAN`` on the table ``pianorolls``; see ``Recipe``."""

    family: ClassVar[str] = "gan"
    monitor: ClassVar[str] = MONITORED["gan"]
    temperatures: ClassVar[tuple[float, ...]] = ()

    def __init__(
        self, dataset: Dataset, config: TrainingConfig, options: GanOptions, seed: int
    ) -> None:
        """Check what the model's shapes demand.

        Raises:
            BadInput: a size cannot be used.
        """
        if options.latent_dim % 8:
            raise BadInput(f"latent_dim is {options.latent_dim}; give a multiple of 8.")
        if options.voices > PITCHES:
            raise BadInput(f"voices is {options.voices}; give {PITCHES} at most.")
        if config.batch_size % GROUP:
            raise BadInput(f"batch_size is {config.batch_size}; give a multiple of {GROUP}.")
        self._dataset = dataset
        self._config = config
        self._options = options
        self._seed = seed
        self._exported: tuple[list[np.ndarray], BundleParts] | None = None

    def build(self) -> keras.Model:
        """Return the compiled model, which starts from statistics of the training rolls."""
        keras.utils.set_random_seed(self._seed)
        options, rate = self._options, self._config.learning_rate
        prior = measure_prior(
            self._train_rolls, len(self._dataset.ensembles), options.voices, self._seed
        )
        model = MusicGAN(
            self._shape(),
            prior,
            options.critic_width,
            options.penalty,
            options.penalty_every,
            options.averaging,
            options.fuse,
        )
        betas = {"beta_1": options.momentum, "beta_2": options.memory}
        model.compile(
            keras.optimizers.Adam(rate, **betas),
            keras.optimizers.Adam(rate * options.critic_rate, **betas),
            steps_per_execution=self._config.steps_per_execution,
            jit_compile=False,
        )
        return model

    def optimizers(self, model: keras.Model) -> list[keras.optimizers.Optimizer]:
        """Return the generator's and the critic's."""
        return [model.optimizer, model.critic_optimizer]

    def train_data(self, first_step: int) -> tf.data.Dataset:
        """Return batches of rolls in random keys, each with a latent vector."""
        options = self._options
        return self._batches(self._train_rolls).train(
            first_step, options.unknown_share, options.transpose, options.balance
        )

    def valid_data(self) -> tf.data.Dataset:
        """Return valid rolls in their own keys, each with the latent vector that answers it."""
        rolls = as_met(Rolls.read(self._dataset, "valid"), self._train_rolls)
        return self._batches(rolls).valid(self._options.valid_rolls)

    def bundle_parts(self, model: keras.Model) -> BundleParts:
        """Return the averaged generator, as a graph and as arrays.

        Ensembles play as thickly, and move as much, as in the training rolls. What none of these
        was labelled with has learned nothing, and means ``unknown``. All that takes a while, so the
        same weights, of an epoch that had its samples and is the best, give the same parts again.
        """
        learned = model.averaged.get_weights()
        if self._exported and all(map(np.array_equal, learned, self._exported[0])):
            return self._exported[1]
        parts = self._export(model)
        model.averaged.set_weights(learned)
        self._exported = learned, parts
        return parts

    def _export(self, model: keras.Model) -> BundleParts:
        """Set the averaged generator right, and return what a bundle has of it."""
        calibrate(model.averaged, self._train_rolls, self._seed)
        for kind in LABELS:
            for rows in rows_of(model.averaged, kind):
                values = rows.numpy()
                values[unmet(self._train_rolls, kind, len(values))] = values[0]
                rows.assign(values)
        weights = arrays(model.averaged)
        files = {"generator.onnx": onnx_graph(model.averaged, self._shape())}
        description = {
            "composers": self._dataset.composers,
            "ensembles": self._dataset.ensembles,
            "steps_per_quarter": self._dataset.config.steps_per_quarter,
            "tempo_qpm": round(float(np.median(self._train_rolls.tempo_qpm)), 2),
            "latent_dim": self._options.latent_dim,
            "orchestrations": self._shape().orchestrations,
            "width": self._options.width,
            "voices": self._options.voices,
        }
        return BundleParts(description, weights, files)

    def start_from(self, model: keras.Model, bundle: Bundle) -> None:
        """Take another generator's weights; rows of composers and ensembles go by name."""
        for generator in (model.generator, model.averaged):
            set_arrays(
                generator,
                bundle.weights,
                {
                    "composers": (bundle.model["composers"], self._dataset.composers),
                    "ensembles": (bundle.model["ensembles"], self._dataset.ensembles),
                },
            )

    @cached_property
    def _train_rolls(self) -> Rolls:
        return Rolls.read(self._dataset, "train")

    def _batches(self, rolls: Rolls) -> RollBatches:
        return RollBatches(rolls, self._config.batch_size, self._options.latent_dim, self._seed)

    def _shape(self) -> GeneratorShape:
        return GeneratorShape(
            len(self._dataset.composers),
            len(self._dataset.ensembles),
            self._options.latent_dim,
            self._options.width,
            self._options.voices,
        )
