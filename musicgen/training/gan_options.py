"""The GAN's options: apart from its recipe, which imports TensorFlow."""

from dataclasses import dataclass

from musicgen.ranges import Ranged, ranged


@dataclass(frozen=True)
class GanOptions(Ranged):
    """What the GAN adds to ``TrainingConfig``, whose ``learning_rate`` is the generator's.

    Attributes:
        latent_dim: size of the latent vector, a multiple of 8.
        width: the generator's features at each point in time.
        voices: as many notes can sound at once.
        critic_width: the critic's features at each point in time.
        critic_rate: the critic's learning rate, as a multiple of the generator's.
        momentum: Adam's decay of the mean gradient.
        memory: Adam's decay of the squared gradient.
        penalty: weight of the critic's squared gradients.
        penalty_every: steps from one penalty to the next, which weighs as much more.
        averaging: decay of the moving average of the generator's weights, which is what is kept.
        unknown_share: share of rolls shown without composer, and of those without ensemble.
        balance: how far rare ensembles are drawn as often as others: 0, not at all, to 1.
        valid_rolls: at most, drawn from the valid split.
        transpose: train in all keys.
        fuse: compile steps with XLA; see ``MusicGAN``.
    """

    latent_dim: int = ranged(128, 8)
    width: int = ranged(128, 3)
    voices: int = ranged(8, 1)
    critic_width: int = ranged(64, 1)
    critic_rate: float = ranged(1.0, 0)
    momentum: float = ranged(0.0, 0, 0.9999)
    memory: float = ranged(0.9, 0, 0.9999)
    penalty: float = ranged(1.0, 0)
    penalty_every: int = ranged(4, 1)
    averaging: float = ranged(0.995, 0, 0.99999)
    unknown_share: float = ranged(0.1, 0, 1)
    balance: float = ranged(0.0, 0, 1)
    valid_rolls: int = ranged(512, 1)
    transpose: bool = True
    fuse: bool = True
