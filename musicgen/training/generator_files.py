"""A generator as what a bundle holds of it: an ONNX graph and arrays by path."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np

from musicgen.errors import BadInput
from musicgen.models.generator import GeneratorShape, build_generator
from musicgen.models.roll_prior import RollPrior
from musicgen.models.rolls import probable_roll


@keras.saving.register_keras_serializable("musicgen")
class ProbableRoll(keras.layers.Layer):
    """``rolls.probable_roll`` as a layer, for the graph's end."""

    def call(self, voices):
        """Return ``(B, 64, 84, 4, 2)``."""
        return probable_roll(**voices)


def onnx_graph(generator: keras.Model, shape: GeneratorShape) -> bytes:
    """Return the graph that ``docs/ARCHITECTURE.md`` describes, with the generator's weights.

    It is exported from a copy in float32, whatever the policy that the generator was trained under.
    """
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        prior = RollPrior.uninformed(shape.ensembles, shape.voices)
        copy = build_generator(shape, prior, generator.name)
        copy.set_weights(generator.get_weights())
        inputs = {each.name: each for each in copy.inputs}
        player = keras.Model(inputs, {"roll": ProbableRoll(name="roll")(copy(inputs))})
        player({name: np.zeros((1, *each.shape[1:]), each.dtype) for name, each in inputs.items()})
        return _exported(player)
    finally:
        keras.config.set_dtype_policy(policy)


def arrays(generator: keras.Model) -> dict[str, np.ndarray]:
    """Return the weights by path, ``<layer>/<weight>``."""
    return {path: variable.numpy() for path, variable in _variables(generator).items()}


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
        value = values.get(path, np.zeros(0, np.float32))
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


def _exported(player: keras.Model) -> bytes:
    with tempfile.TemporaryDirectory() as directory, warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of the exporter, about NumPy's old names
        path = Path(directory) / "generator.onnx"
        player.export(path, format="onnx", verbose=False)
        return path.read_bytes()
