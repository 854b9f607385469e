"""MusicGAN: a generator and a critic of piano rolls that train each other."""

import keras
import tensorflow as tf

from musicgen.models.critic import build_critic
from musicgen.models.generator import GeneratorShape, build_generator
from musicgen.models.roll_distance import RollDistance
from musicgen.models.roll_prior import RollPrior
from musicgen.models.rolls import binary_roll

LABELS = ("composer", "ensemble")


class MusicGAN(keras.Model):
    """Trains a generator of four-bar piano rolls by ``fit``.

    The losses are R3GAN's (Huang et al. 2024, "The GAN is dead; long live the GAN!"): generated and
    real rolls are judged in pairs, ``softplus`` of the difference of their scores, which leaves no
    mode of the data behind; and the critic's gradients at both are penalised towards zero, which
    lets the two come to rest. Pairs share composer and ensemble. The critic only ever sees binary
    rolls. What is kept is a moving average of the generator's weights, ``averaged``.

    Batches are dicts: ``roll (B, 64, 84, 4, 2)`` of 0 and 1, ``latent (B, latent_dim)``,
    ``composer`` and ``ensemble (B,)`` int32; B is a multiple of ``critic.GROUP``. So all
    randomness lies in the data, and a step is a function of the model's variables and its batch.

    Args:
        shape: of the generator.
        prior: what it starts from.
        critic_width: features of the critic at each point in time.
        penalty: weight of the squared gradients.
        penalty_every: steps from one penalty to the next, which weighs as much more (Karras et al.
            2020, lazy regularization): to derive twice takes most of a step's time.
        averaging: decay of the moving average a step; in the beginning it is faster.
        fuse: compile steps with XLA, which takes a quarter of a minute and a third off each step.
    """

    def __init__(
        self,
        shape: GeneratorShape,
        prior: RollPrior,
        critic_width: int = 64,
        penalty: float = 1.0,
        penalty_every: int = 1,
        averaging: float = 0.995,
        fuse: bool = False,
    ) -> None:
        super().__init__(name="music_gan")
        self.shape = shape
        self.penalty = penalty
        self.penalty_every = penalty_every
        self.averaging = averaging
        self.fuse = fuse
        self.generator = build_generator(shape, prior, "generator")
        self.averaged = build_generator(shape, prior, "averaged")
        self.averaged.set_weights(self.generator.get_weights())
        self.averaged.trainable = False
        self.critic = build_critic(shape.composers, shape.ensembles, critic_width)
        self.distance = RollDistance(name="distance")
        names = ("loss", "critic_loss", "generator_loss", "gradient_penalty")
        self.trackers = {name: keras.metrics.Mean(name) for name in names}
        self.built = True

    def compile(
        self,
        optimizer: keras.optimizers.Optimizer,
        critic_optimizer: keras.optimizers.Optimizer,
        **kwargs,
    ) -> None:
        """Take the optimizers of generator and critic, and create their variables."""
        super().compile(optimizer=optimizer, **kwargs)
        self.critic_optimizer = critic_optimizer
        self.optimizer.build(self.generator.trainable_variables)
        self.critic_optimizer.build(self.critic.trainable_variables)

    def call(self, inputs, training=False):
        """Play: the averaged generator's rolls of 0 and 1 for ``latent`` and labels."""
        return binary_roll(**self.averaged(_played(inputs), training=training))

    def train_step(self, data):
        """Teach the critic, then the generator, with the same generated rolls."""
        # Keras leaves XLA out where results are to be reproducible, but those of this step are. Nor
        # can XLA reach across replicas.
        alone = tf.distribute.get_strategy().num_replicas_in_sync == 1
        step = self._fused_step if self.fuse and alone else self._step
        losses = self._as_due(lambda penalised: step(data, penalised))
        for name, tracker in self.trackers.items():
            tracker.update_state(losses[name])
        return {name: tracker.result() for name, tracker in self.trackers.items()}

    def _as_due(self, step):
        """Make a step with the penalty, or one without, by the number of steps before it."""
        if self.penalty_every == 1:
            return step(True)
        due = self.critic_optimizer.iterations % self.penalty_every == 0
        return tf.cond(due, lambda: step(True), lambda: step(False))

    @tf.function(jit_compile=True)
    def _fused_step(self, data, penalised: bool):
        return self._step(data, penalised)

    def _step(self, data, penalised: bool):
        """Make a step of both and return the losses."""
        with tf.GradientTape() as tape:
            made = binary_roll(**self.generator(_played(data), training=True))
            losses = self._train_critic(data, tf.stop_gradient(made), penalised)
            real = tf.stop_gradient(self._scores(data, data["roll"]))
            loss = _mean(tf.nn.softplus(real - self._scores(data, made)))
            scaled = self.optimizer.scale_loss(loss)
        variables = self.generator.trainable_variables
        self.optimizer.apply(tape.gradient(scaled, variables), variables)
        self._average()
        losses |= {"generator_loss": loss, "loss": loss + losses["critic_loss"]}
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        return {name: value * replicas for name, value in losses.items()}

    def test_step(self, data):
        """Compare what the averaged generator plays with a batch of held-out rolls."""
        self.distance.update_state(data["roll"], self(data))
        return self.distance.result()

    def _train_critic(self, data, made, penalised: bool):
        """Make one step of the critic and return its losses."""
        rolls = tf.concat([data["roll"], made], 0)
        labels = {key: tf.concat([data[key]] * 2, 0) for key in LABELS}
        with tf.GradientTape() as tape:
            # No penalty is as many times 0, so that the mean over steps is what is penalised.
            penalty = self._penalty(labels, rolls) if penalised else tf.constant(0.0)
            real, fake = tf.split(self._scores(labels, rolls), 2)
            loss = _mean(tf.nn.softplus(fake - real))
            total_loss = loss + self.penalty / 2 * penalty
        variables = self.critic.trainable_variables
        self.critic_optimizer.apply(tape.gradient(total_loss, variables), variables)
        return {"critic_loss": loss, "gradient_penalty": penalty}

    def _penalty(self, labels, rolls):
        """Return the mean of the squared gradients at real and generated rolls, as it is due."""
        with tf.GradientTape(watch_accessed_variables=False) as slopes:
            slopes.watch(rolls)
            total = tf.reduce_sum(self._scores(labels, rolls))
        slope = slopes.gradient(total, rolls)
        return self.penalty_every * 2 * _mean(tf.reduce_sum(tf.square(slope), [1, 2, 3, 4]))

    def _scores(self, data, rolls):
        """Return the critic's scores of ``rolls`` under the labels of ``data``."""
        labels = {key: data[key] for key in LABELS}
        return self.critic({"roll": rolls, **labels}, training=True)

    def _average(self) -> None:
        """Move the averaged weights towards the generator's."""
        steps = tf.cast(self.optimizer.iterations, tf.float32)
        decay = tf.minimum(self.averaging, steps / (steps + 10))
        for average, variable in zip(self.averaged.weights, self.generator.weights, strict=True):
            average.assign(decay * average + (1 - decay) * variable)


def _played(data):
    return {key: data[key] for key in ("latent", *LABELS)}


def _mean(values):
    """Average over the batch of all replicas: Keras adds up the replicas' gradients."""
    return tf.reduce_mean(values) / tf.distribute.get_strategy().num_replicas_in_sync
