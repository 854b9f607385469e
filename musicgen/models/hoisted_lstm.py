"""An LSTM layer that is quick on processors without a GPU."""

import keras
import tensorflow as tf
from keras.src.backend.tensorflow.rnn import lstm as cudnn_lstm


@keras.saving.register_keras_serializable("musicgen")
class HoistedLSTM(keras.layers.LSTM):
    """``keras.layers.LSTM`` with the same weights and outputs, and a faster loop.

    On a CPU the input projection leaves the time loop, which keeps the recurrent product alone, and
    a gradient written by hand does the same for the backward pass: the gradient of the recurrent
    kernel becomes one product over all steps instead of a sum of one per step. On a GPU the layer
    takes the cuDNN path of its parent.

    Args:
        units: size of the state.
        weight_dropout: share of the recurrent kernel's entries that are zeroed, one mask a batch
            (Merity et al. 2018, "Regularizing and optimizing LSTM language models").
        seed: of the masks.
    """

    def __init__(self, units: int, weight_dropout: float = 0.0, seed: int | None = None, **kwargs):
        super().__init__(units, seed=seed, **kwargs)
        self.weight_dropout = weight_dropout
        self.weight_seeds = keras.random.SeedGenerator(seed)

    def inner_loop(self, sequences, initial_state, mask, training=False):
        """Run over time; see ``keras.layers.RNN``. Masks are not supported: pad at the end.

        Returns:
            The last output ``(B, U)``, all outputs ``(B, T, U)`` and the states ``h`` and ``c``.
        """
        kernel, recurrent, bias = (
            tf.cast(weight, self.compute_dtype)
            for weight in (self.cell.kernel, self.cell.recurrent_kernel, self.cell.bias)
        )
        if training and self.weight_dropout:
            recurrent = keras.random.dropout(recurrent, self.weight_dropout, seed=self.weight_seeds)
        h, c = (tf.convert_to_tensor(state) for state in initial_state)
        if tf.config.list_logical_devices("GPU"):
            tanh, sigmoid = keras.activations.tanh, keras.activations.sigmoid
            weights = (kernel, recurrent, bias, tanh, sigmoid)
            return cudnn_lstm(sequences, h, c, None, *weights, return_sequences=True)
        steps = tf.transpose(sequences, [1, 0, 2])
        outputs, c = recurrence(_project(steps, kernel, bias), recurrent, h, c)
        return outputs[-1], tf.transpose(outputs, [1, 0, 2]), [outputs[-1], c]

    def get_config(self):
        """Return what rebuilds the layer."""
        return {**super().get_config(), "weight_dropout": self.weight_dropout}


def _project(steps: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
    """Multiply all steps at once: ``(T, B, I) -> (T, B, 4U)``."""
    shape = tf.shape(steps)
    flat = tf.matmul(tf.reshape(steps, [-1, steps.shape[-1]]), kernel) + bias
    return tf.reshape(flat, [shape[0], shape[1], kernel.shape[-1]])


@tf.custom_gradient
def recurrence(projected: tf.Tensor, recurrent: tf.Tensor, h: tf.Tensor, c: tf.Tensor):
    """Run LSTM cells over time.

    Args:
        projected: what the inputs add to the gates ``(T, B, 4U)``, in Keras's order: input, forget,
            cell, output.
        recurrent: recurrent kernel ``(U, 4U)``.
        h: first hidden state ``(B, U)``.
        c: first cell state ``(B, U)``.

    Returns:
        The hidden states ``(T, B, U)`` and the last cell state ``(B, U)``.
    """
    # A tape must not look inside: compiled loops have no gradients of their own.
    inputs = [tf.stop_gradient(x) for x in (projected, recurrent, h, c)]
    hidden, cells, gates = _forward(*inputs)

    def gradient(d_hidden, d_last_cell):
        before = tf.concat([c[None], cells[:-1]], 0)
        d_gates, d_h, d_c = _backward(d_hidden, d_last_cell, before, cells, gates, recurrent)
        hidden_before = tf.concat([h[None], hidden[:-1]], 0)
        d_recurrent = tf.matmul(_rows(hidden_before), _rows(d_gates), transpose_a=True)
        return d_gates, d_recurrent, d_h, d_c

    return (hidden, cells[-1]), gradient


@tf.function(jit_compile=True)
def _forward(projected, recurrent, h, c):
    """Return hidden states, cell states ``(T, B, U)`` and activated gates ``(T, B, 4U)``."""
    time, units = tf.shape(projected)[0], recurrent.shape[0]
    inputs = _array(time, projected).unstack(projected)
    arrays = (_array(time, c), _array(time, c), _array(time, projected[0]))

    def step(t, h, c, hidden, cells, gates):
        total = inputs.read(t) + tf.matmul(h, recurrent)
        i, f, g, o = tf.split(total, 4, axis=-1)
        i, f, g, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
        c = f * c + i * g
        h = o * tf.tanh(c)
        activated = tf.concat([i, f, g, o], -1)
        return t + 1, h, c, hidden.write(t, h), cells.write(t, c), gates.write(t, activated)

    state = tf.while_loop(lambda t, *_: t < time, step, (0, h, c, *arrays))
    shapes = ([None, None, units], [None, None, units], [None, None, 4 * units])
    return [tf.ensure_shape(x.stack(), s) for x, s in zip(state[3:], shapes, strict=True)]


@tf.function(jit_compile=True)
def _backward(d_hidden, d_last_cell, before, cells, gates, recurrent):
    """Return the gradients of the gates' inputs ``(T, B, 4U)`` and of the first states.

    All factors that don't depend on later steps are computed outside the loop.
    """
    time = tf.shape(cells)[0]
    i, f, g, o = tf.split(gates, 4, axis=-1)
    squashed = tf.tanh(cells)
    hidden_to_cell = o * (1 - squashed * squashed)
    cell_to_gates = tf.concat([g * i * (1 - i), before * f * (1 - f), i * (1 - g * g)], -1)
    hidden_to_output_gate = squashed * o * (1 - o)
    factors = (d_hidden, hidden_to_cell, cell_to_gates, hidden_to_output_gate, f)
    arrays = [_array(time, x[0]).unstack(x) for x in factors]
    transposed = tf.transpose(recurrent)

    def step(t, d_h, d_c, d_gates):
        d_out, to_cell, to_gates, to_output_gate, forget = (x.read(t) for x in arrays)
        d_h += d_out
        d_c += d_h * to_cell
        d_gate = tf.concat([tf.tile(d_c, [1, 3]) * to_gates, d_h * to_output_gate], -1)
        return t - 1, tf.matmul(d_gate, transposed), d_c * forget, d_gates.write(t, d_gate)

    state = (time - 1, tf.zeros_like(d_last_cell), d_last_cell, _array(time, gates[0]))
    _, d_h, d_c, d_gates = tf.while_loop(lambda t, *_: t >= 0, step, state)
    return tf.ensure_shape(d_gates.stack(), [None, None, gates.shape[-1]]), d_h, d_c


def _array(time, like: tf.Tensor) -> tf.TensorArray:
    """Return an array of ``time`` elements shaped like the last two axes of a tensor."""
    return tf.TensorArray(like.dtype, time, element_shape=like.shape[-2:])


def _rows(x: tf.Tensor) -> tf.Tensor:
    return tf.reshape(x, [-1, x.shape[-1]])
