"""A generator as what a bundle holds of it: an ONNX graph and arrays by path."""

import tempfile
import warnings
from functools import cache
from pathlib import Path

import keras
import numpy as np
import onnx
from onnx import numpy_helper

from musicgen.errors import BadInput
from musicgen.models.generator import GeneratorShape, build_generator
from musicgen.models.roll_prior import RollPrior
from musicgen.models.rolls import probable_roll


class _OpenGenerator(keras.Model):
    """A generator that takes its weights as inputs, named by their number; makes ``roll``."""

    def __init__(self, generator: keras.Model) -> None:
        super().__init__(name="open_generator")
        self._of = [generator]  # in a list, so that Keras does not take its weights for this one's
        self.built = True

    def call(self, inputs):
        """Return ``roll (B, 64, 84, 4, 2)``, which ``docs/ARCHITECTURE.md`` describes."""
        (generator,) = self._of
        weights = [inputs[str(number)] for number in range(len(generator.weights))]
        played = {each.name: inputs[each.name] for each in generator.inputs}
        voices, _ = generator.stateless_call(weights, [], played)
        return {"roll": probable_roll(**voices)}


def onnx_graph(generator: keras.Model, shape: GeneratorShape) -> bytes:
    """Return the graph that ``docs/ARCHITECTURE.md`` describes, with the generator's weights.

    To export a graph takes many seconds, so this is done once for all generators of a shape.
    """
    model = onnx.load_from_string(_open_graph(shape))
    values = {str(number): weight for number, weight in enumerate(generator.get_weights())}
    played = [each for each in model.graph.input if each.name not in values]
    del model.graph.input[:]
    model.graph.input.extend(played)
    model.graph.initializer.extend(
        numpy_helper.from_array(value, name) for name, value in values.items()
    )
    return model.SerializeToString()


@cache
def _open_graph(shape: GeneratorShape) -> bytes:
    """Return the graph in float32, whatever the policy of the training; weights are inputs."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        prior = RollPrior.uninformed(shape.ensembles, shape.voices)
        generator = build_generator(shape, prior, "generator")
    finally:
        keras.config.set_dtype_policy(policy)
    inputs = {each.name: each for each in generator.inputs}
    inputs |= {str(number): weight for number, weight in enumerate(generator.trainable_variables)}
    signature = {
        name: keras.InputSpec(dtype=each.dtype, shape=each.shape, name=name)
        for name, each in inputs.items()
    }
    with tempfile.TemporaryDirectory() as directory, warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of the exporter, about NumPy's old names
        path = Path(directory) / "generator.onnx"
        _OpenGenerator(generator).export(
            path, format="onnx", verbose=False, input_signature=[signature]
        )
        return path.read_bytes()


def arrays(generator: keras.Model) -> dict[str, np.ndarray]:
    """Return the weights by path, ``<layer>/<weight>``."""
    return {path: variable.numpy() for path, variable in _variables(generator).items()}


def rows_of(generator: keras.Model, kind: str) -> list[keras.Variable]:
    """Return the weights that have one row for each ``composer``, or each ``ensemble``."""
    return [variable for path, variable in _variables(generator).items() if kind in path]


def set_arrays(
    generator: keras.Model,
    values: dict[str, np.ndarray],
    names: dict[str, tuple[list[str], list[str]]],
) -> None:
    """Set the weights from another generator's arrays.

    Args:
        generator: whose weights to set.
        values: as ``arrays`` returns them.
        names: ``composers`` and ``ensembles`` of the other generator and of this one. Arrays that
            have one row for each of them have ``composer`` or ``ensemble`` in their path; their
            rows go by name, and who the other never met keeps the row that is there.

    Raises:
        BadInput: an array is missing or of another shape.
    """
    for path, variable in _variables(generator).items():
        if path not in values:
            raise BadInput(
                f"The model to start from has no {path}: it is of another version; "
                "start from one that this version has trained."
            )
        value = values[path]
        kind = next((kind for kind in names if kind[:-1] in path), None)
        if kind and value.shape[1:] == variable.shape[1:]:
            theirs, ours = names[kind]
            rows = variable.numpy()
            for index, name in enumerate(ours):
                if name in theirs:
                    rows[index] = value[theirs.index(name)]
            value = rows
        if value.shape != tuple(variable.shape):
            raise BadInput(
                f"The model to start from has {value.shape} for {path}, this one {variable.shape}; "
                "train with the latent_dim and width of that model."
            )
        variable.assign(value)


def _variables(generator: keras.Model) -> dict[str, keras.Variable]:
    return {"/".join(each.path.split("/")[-2:]): each for each in generator.weights}
