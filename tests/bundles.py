"""Small bundles with random weights, in the very format that training writes."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from musicgen.bundle import Bundle
from musicgen.representation.pianoroll import SHAPE
from musicgen.representation.vocabulary import Vocabulary

COMPOSERS = ["unknown", "Bach", "Beethoven"]
ENSEMBLES = ["unknown", "Solo Piano", "String Quartet"]


def lstm_bundle(
    seed: int = 0,
    units: int = 16,
    layers: int = 2,
    embedding_dim: int = 12,
    vocabulary: Vocabulary = Vocabulary(48, 72),
    scale: float = 0.3,
) -> Bundle:
    """Make an LSTM bundle; a bias on the end of frame keeps the chords of a random model small."""
    random = np.random.default_rng(seed)

    def normal(*shape: int) -> np.ndarray:
        return (scale * random.normal(size=shape)).astype(np.float32)

    weights = {
        "token_embedding": normal(vocabulary.size, embedding_dim),
        "position_embedding": normal(64, embedding_dim),
        "composer_embedding": normal(len(COMPOSERS), embedding_dim),
        "ensemble_embedding": normal(len(ENSEMBLES), embedding_dim),
        "transposition_embedding": normal(12, embedding_dim),
        "projection_kernel": normal(units, embedding_dim),
        "projection_bias": normal(embedding_dim),
        "output_bias": normal(vocabulary.size),
    }
    for layer in range(layers):
        weights[f"lstm_{layer}_kernel"] = normal(units if layer else embedding_dim, 4 * units)
        weights[f"lstm_{layer}_recurrent"] = normal(units, 4 * units)
        weights[f"lstm_{layer}_bias"] = normal(4 * units)
    weights["output_bias"][1] += np.float32(np.log(vocabulary.size / 4))
    weights["output_bias"][3::2] += np.float32(4)  # and on held notes, which few lines can take
    model = {
        "composers": COMPOSERS,
        "ensembles": ENSEMBLES,
        "steps_per_quarter": 4,
        "tempo_qpm": 96.0,
        "vocabulary": {
            "low_pitch": vocabulary.low_pitch,
            "high_pitch": vocabulary.high_pitch,
            "families": vocabulary.families,
            "states": vocabulary.states,
        },
        "units": units,
        "layers": layers,
        "embedding_dim": embedding_dim,
        "positions": 64,
        "transpositions": 12,
    }
    return Bundle("lstm", {"family": "lstm", **model}, weights)


def gan_bundle(seed: int = 0, latent_dim: int = 8) -> Bundle:
    """Make a GAN bundle whose generator is one random linear map; few cells are set."""
    random = np.random.default_rng(seed)
    cells = int(np.prod(SHAPE))
    arrays = {
        "latent_kernel": random.normal(size=(latent_dim, cells)),
        "composer_table": random.normal(size=(len(COMPOSERS), cells)),
        "ensemble_table": random.normal(size=(len(ENSEMBLES), cells)) - 7,
    }
    weights = {name: array.astype(np.float32) for name, array in arrays.items()}
    model = {
        "family": "gan",
        "composers": COMPOSERS,
        "ensembles": ENSEMBLES,
        "steps_per_quarter": 4,
        "tempo_qpm": 96.0,
        "latent_dim": latent_dim,
    }
    return Bundle("gan", model, weights, {"generator.onnx": _generator(weights, latent_dim)})


def _generator(weights: dict[str, np.ndarray], latent_dim: int) -> bytes:
    constants = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    constants.append(numpy_helper.from_array(np.array([-1, *SHAPE], np.int64), "shape"))
    nodes = [
        helper.make_node("MatMul", ["latent", "latent_kernel"], ["played"]),
        helper.make_node("Gather", ["composer_table", "composer"], ["composed"]),
        helper.make_node("Gather", ["ensemble_table", "ensemble"], ["scored"]),
        helper.make_node("Sum", ["played", "composed", "scored"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["probabilities"]),
        helper.make_node("Reshape", ["probabilities", "shape"], ["roll"]),
    ]
    inputs = [
        helper.make_tensor_value_info("latent", TensorProto.FLOAT, ["B", latent_dim]),
        helper.make_tensor_value_info("composer", TensorProto.INT32, ["B"]),
        helper.make_tensor_value_info("ensemble", TensorProto.INT32, ["B"]),
    ]
    roll = helper.make_tensor_value_info("roll", TensorProto.FLOAT, ["B", *SHAPE])
    graph = helper.make_graph(nodes, "generator", inputs, [roll], constants)
    opsets = [helper.make_opsetid("", 21)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
