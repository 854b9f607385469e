import keras
import numpy as np
import pytest
import tensorflow as tf

from musicgen.models.critic import GROUP, build_critic
from musicgen.models.generator import GeneratorShape
from musicgen.models.music_gan import MusicGAN
from musicgen.models.roll_prior import RollPrior
from musicgen.representation.pianoroll import SHAPE

pytestmark = pytest.mark.slow

SHAPE_OF_GENERATOR = GeneratorShape(composers=3, ensembles=2, latent_dim=16, width=12, voices=3)


def make_batch(seed, size=2 * GROUP):
    """Rolls of one chord each, held through, with its latent vectors and labels."""
    random = np.random.default_rng(seed)
    roll = np.zeros((size, *SHAPE), np.float32)
    for each in roll:
        chord = random.integers(20, 40) + np.array([0, 4, 7])
        each[::4, chord, 0, 0] = 1
        for step in (1, 2, 3):
            each[step::4, chord, 0, 1] = 1
    return {
        "roll": tf.constant(roll),
        "latent": tf.constant(random.normal(size=(size, 16)).astype(np.float32)),
        "composer": tf.constant(random.integers(0, 3, size).astype(np.int32)),
        "ensemble": tf.constant(random.integers(0, 2, size).astype(np.int32)),
    }


def make_model(seed=1, rate=0.002, **options):
    keras.utils.set_random_seed(seed)
    prior = RollPrior.uninformed(ensembles=2, voices=3)
    model = MusicGAN(SHAPE_OF_GENERATOR, prior, critic_width=8, averaging=0.9, **options)
    adam = [keras.optimizers.Adam(rate, beta_1=0.0, beta_2=0.9) for _ in range(2)]
    model.compile(*adam, jit_compile=False)
    return model


@pytest.fixture(scope="module")
def model():
    """A model after two steps."""
    model = make_model()
    model.fit(dataset(0, 2), epochs=1, verbose=0)
    return model


def dataset(first, steps):
    batches = [make_batch(seed) for seed in range(first, first + steps)]
    stacked = {key: tf.stack([batch[key] for batch in batches]) for key in batches[0]}
    return tf.data.Dataset.from_tensor_slices(stacked)


def state(model):
    optimizers = [model.optimizer, model.critic_optimizer]
    return [*model.variables, *(v for optimizer in optimizers for v in optimizer.variables)]


def test_rolls_hold_nothing_that_was_not_struck(model):
    roll = model(make_batch(5)).numpy()
    assert roll.shape == (8, *SHAPE)
    assert set(np.unique(roll)) == {0, 1}
    struck, held = roll[..., 0], roll[..., 1]
    assert (struck * held).max() == 0
    assert (held[:, 1:] <= struck[:, :-1] + held[:, :-1]).all()
    assert held[:, 0].max() == 0


def test_a_restored_model_goes_on_as_if_nothing_had_been(model, tmp_path):
    """Weights, averages and both optimizers: the next steps are equal to the last bit."""
    kept = [variable.numpy() for variable in state(model)]
    model.save_weights(tmp_path / "model.weights.h5")
    expected = model.fit(dataset(2, 2), epochs=1, verbose=0).history
    finished = [variable.numpy() for variable in state(model)]

    restored = make_model(seed=2)
    for variable, value in zip(state(restored), kept, strict=True):
        variable.assign(value)
    found = restored.fit(dataset(2, 2), epochs=1, verbose=0).history
    assert found == expected
    for variable, value in zip(state(restored), finished, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)

    from_file = make_model(seed=3)
    from_file.load_weights(tmp_path / "model.weights.h5")
    for variable, value in zip(state(from_file), kept, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_the_average_follows_the_generator(model):
    before = [w.numpy() for w in model.averaged.weights]
    steps = int(model.optimizer.iterations) + 1
    model.fit(dataset(9, 1), epochs=1, verbose=0)
    decay = min(0.9, steps / (steps + 10))
    pairs = zip(model.averaged.weights, model.generator.weights, before, strict=True)
    for average, weight, last in pairs:
        expected = decay * last + (1 - decay) * weight.numpy()
        np.testing.assert_allclose(average.numpy(), expected, atol=1e-6)
    assert not model.averaged.trainable_variables


def test_both_learn():
    """Forty steps, from a prior that knows nothing: closer, and the critic sees what is left."""
    model = make_model()
    held_out = dataset(100, 2)
    before = model.evaluate(held_out, verbose=0, return_dict=True)["distance"]
    history = model.fit(dataset(0, 20), epochs=2, verbose=0).history
    after = model.evaluate(held_out, verbose=0, return_dict=True)["distance"]
    assert after < before - 0.01
    assert 0 < history["critic_loss"][-1] < np.log(2)
    assert history["gradient_penalty"][-1] > 0
    assert history["loss"][-1] == pytest.approx(
        history["critic_loss"][-1] + history["generator_loss"][-1], rel=1e-5
    )


def test_fused_steps_are_the_same_steps():
    losses = [make_model(fuse=fuse).train_step(make_batch(0)) for fuse in (True, False)]
    for name in losses[0]:
        assert float(losses[0][name]) == pytest.approx(float(losses[1][name]), rel=1e-4)


def test_a_penalty_now_and_then_weighs_as_much():
    every, second = make_model(), make_model(penalty_every=2)
    losses = [
        [float(model.train_step(make_batch(0))["gradient_penalty"]) for _ in range(2)]
        for model in (every, second)
    ]  # means over the steps so far
    assert losses[1][0] == pytest.approx(2 * losses[0][0], rel=1e-4)
    assert losses[1][1] == pytest.approx(losses[1][0] / 2, rel=1e-4)


def test_half_precision_trains_too():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = make_model()
        assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
        before = [w.numpy() for w in model.generator.trainable_variables]
        history = model.fit(dataset(0, 2), epochs=1, verbose=0).history
        assert np.isfinite(history["loss"][0])
        after = [w.numpy() for w in model.generator.trainable_variables]
        assert any((a != b).any() for a, b in zip(after, before, strict=True))
    finally:
        keras.config.set_dtype_policy(policy)


def test_the_critic_compares_the_pieces_of_a_group_alone():
    keras.utils.set_random_seed(4)
    critic = build_critic(3, 2, width=8)
    batch = make_batch(0)
    inputs = {key: batch[key] for key in ("roll", "composer", "ensemble")}
    changed = dict(inputs, roll=tf.concat([batch["roll"][:GROUP], batch["roll"][GROUP:] * 0], 0))
    scores, others = critic(inputs).numpy(), critic(changed).numpy()
    assert scores.shape == (2 * GROUP,)
    assert (scores[:GROUP] == others[:GROUP]).all()
    assert (scores[GROUP:] != others[GROUP:]).all()
