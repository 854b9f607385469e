import keras
import numpy as np
import pytest
import tensorflow as tf

from musicgen.models.hoisted_lstm import HoistedLSTM
from musicgen.models.lstm_shape import LstmShape
from musicgen.models.music_lstm import Dropout, MusicLSTM
from musicgen.representation.vocabulary import END_OF_FRAME, PAD, Vocabulary

pytestmark = pytest.mark.slow

VOCABULARY = Vocabulary(48, 72)
SHAPE = LstmShape(VOCABULARY, composers=3, ensembles=4, units=9, layers=2, embedding_dim=7)


def batch(batch_size=2, length=11, seed=0):
    random = np.random.default_rng(seed)

    def integers(high, *shape):
        return random.integers(0, high, shape).astype(np.int32)

    return {
        "tokens_before": integers(VOCABULARY.size, batch_size, length),
        "positions": integers(16, batch_size, length),
        "composer": integers(3, batch_size),
        "ensemble": integers(4, batch_size),
        "transposition": integers(12, batch_size),
    }


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    model = MusicLSTM(SHAPE, Dropout(0.2, 0.2, 0.2), seed=1)
    for variable in model.trainable_variables:  # zeros would hide what is missing
        variable.assign(keras.random.normal(variable.shape, stddev=0.4))
    model.compile("sgd", jit_compile=False)
    return model


def numpy_logits(arrays, inputs):
    """The forward pass as docs/ARCHITECTURE.md describes a bundle, one step at a time."""

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    labels = sum(
        arrays[f"{name}_embedding"][inputs[name]]
        for name in ("composer", "ensemble", "transposition")
    )
    states = [np.zeros((2, len(labels), SHAPE.units)) for _ in range(SHAPE.layers)]
    logits = []
    for t in range(inputs["tokens_before"].shape[1]):
        x = labels + arrays["token_embedding"][inputs["tokens_before"][:, t]]
        x = x + arrays["position_embedding"][inputs["positions"][:, t]]
        for layer in range(SHAPE.layers):
            h, c = states[layer]
            z = x @ arrays[f"lstm_{layer}_kernel"] + h @ arrays[f"lstm_{layer}_recurrent"]
            i, f, g, o = np.split(z + arrays[f"lstm_{layer}_bias"], 4, axis=-1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            x = sigmoid(o) * np.tanh(c)
            states[layer] = np.stack([x, c])
        hidden = x @ arrays["projection_kernel"] + arrays["projection_bias"]
        logits.append(hidden @ arrays["token_embedding"].T + arrays["output_bias"])
    return np.stack(logits, 1)


def test_arrays_are_the_model(model):
    expected = numpy_logits(model.arrays(), batch())
    assert np.abs(model(batch()).numpy() - expected).max() < 1e-4


def test_arrays_go_back_into_a_model(model):
    other = MusicLSTM(SHAPE, seed=2)
    other.set_arrays(model.arrays())
    np.testing.assert_array_equal(other(batch()), model(batch()))


def test_a_piece_may_be_read_in_parts(model):
    whole = batch(length=11)
    logits, states = [], model.first_states(2)
    for part in (slice(0, 4), slice(4, 11)):
        inputs = {name: x[:, part] if x.ndim == 2 else x for name, x in whole.items()}
        found, states = model.carry_on(inputs, states)
        logits.append(found)
    np.testing.assert_allclose(np.concatenate(logits, 1), model(whole), atol=1e-5)


def test_dropout_acts_in_training_alone(model):
    np.testing.assert_array_equal(model(batch()), model(batch(), training=False))
    first, second = model(batch(), training=True), model(batch(), training=True)
    assert np.abs(first - second).max() > 0.01


def test_padding_counts_nowhere(model):
    inputs, targets = batch(), np.array([[5, 6, 1, 7, 1, 9, 1, 1, 4, 1, 1]] * 2, np.int32)
    alone = model.evaluate(inputs, targets, verbose=0, return_dict=True)
    for name in ("tokens_before", "positions"):
        inputs[name] = np.pad(inputs[name], ((0, 0), (0, 6)))
    padded = model.evaluate(inputs, np.pad(targets, ((0, 0), (0, 6))), verbose=0, return_dict=True)
    assert padded == pytest.approx(alone, rel=1e-6)


def test_padding_has_no_gradient(model):
    inputs = batch()
    targets = np.where(np.arange(11) < 8, 5, PAD).astype(np.int32)[None].repeat(2, 0)
    logits = tf.Variable(model(inputs))
    with tf.GradientTape() as tape:
        loss = model.compute_loss(inputs, targets, logits)
    gradient = tape.gradient(loss, logits).numpy()
    assert np.abs(gradient[:, 8:]).max() == 0
    assert np.abs(gradient[:, :8]).min() > 0


def test_nats_per_token_frame_and_note(model):
    """Of seven tokens three end frames, and of four note tokens one (3) is held."""
    inputs = batch(1, 7)
    targets = np.array([[2, 4, END_OF_FRAME, 3, END_OF_FRAME, 10, END_OF_FRAME]], np.int32)
    logits = numpy_logits(model.arrays(), inputs)
    nats = (
        np.log(np.exp(logits).sum(-1)) - np.take_along_axis(logits, targets[..., None], 2)[..., 0]
    )
    found = model.evaluate(inputs, targets, verbose=0, return_dict=True)
    expected = {"loss": nats.mean(), "nats_per_token": nats.mean()}
    expected |= {"nats_per_frame": nats.sum() / 3, "nats_per_note": nats.sum() / 3}
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("from_state", [False, True])
def test_hoisted_layer_is_keras_layer(from_state):
    """Same outputs, same gradients of inputs, weights and states."""
    keras.utils.set_random_seed(3)
    stock = keras.layers.LSTM(6, return_sequences=True, return_state=True)
    hoisted = HoistedLSTM(6, return_sequences=True, return_state=True)
    x, weight = tf.random.normal([3, 10, 5]), tf.random.normal([3, 10, 6])
    states = [tf.random.normal([3, 6]), tf.random.normal([3, 6])] if from_state else None
    for layer in (stock, hoisted):
        layer.build(x.shape)
    hoisted.set_weights([w + 0.1 for w in stock.get_weights()])
    stock.set_weights(hoisted.get_weights())

    def results(layer):
        sources = [x, *(states or []), *(v.value for v in layer.trainable_variables)]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            outputs, h, c = layer(x, initial_state=states)
            loss = tf.reduce_sum(outputs * weight) + tf.reduce_sum(h) + tf.reduce_sum(c * c)
        return [outputs, h, c, *tape.gradient(loss, sources)]

    for expected, found in zip(results(stock), results(hoisted), strict=True):
        np.testing.assert_allclose(found, expected, atol=2e-5)


def test_hoisted_layer_is_cudnns_on_a_gpu(monkeypatch):
    """Traced, forwards and backwards: to run it takes a GPU."""
    layer = HoistedLSTM(6, weight_dropout=0.5, return_sequences=True)
    layer.build((3, 10, 5))

    @tf.function
    def gradients(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(x, training=True))
        return tape.gradient(loss, layer.trainable_variables)

    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: [kind])
    graph = gradients.get_concrete_function(tf.TensorSpec([3, 10, 5])).graph
    kinds = {operation.type for operation in graph.get_operations()}
    assert {"CudnnRNNV3", "CudnnRNNBackpropV3"} <= kinds


def test_half_precision_keeps_weights_and_logits_whole(model):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        half = MusicLSTM(SHAPE)
    finally:
        keras.config.set_dtype_policy(before)
    half.set_arrays(model.arrays())
    assert {array.dtype for array in half.arrays().values()} == {np.dtype(np.float32)}
    logits = half(batch())
    assert logits.dtype == tf.float32
    np.testing.assert_allclose(logits, model(batch()), atol=0.05)
