"""The LSTM at play: a recurrent step with carried state, never a growing window."""

from collections.abc import Iterator

import numpy as np

from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.generation.engine import index_of, learned_names
from musicgen.generation.growing_piece import Frame, GrowingPiece
from musicgen.generation.lstm_batch import LstmBatch
from musicgen.generation.lstm_graph import condition_rows, step_graph
from musicgen.generation.request import Request
from musicgen.generation.session import open_session
from musicgen.music.grid import GridScore
from musicgen.representation.vocabulary import Vocabulary

MAX_BATCH = 64
TEMPERATURE = 1.0
"""Of models that name none of their own; see ``musicgen.training.temperature``."""
CONDITION_ARRAYS = (
    "composer_embedding",
    "ensemble_embedding",
    "transposition_embedding",
    "lstm_0_kernel",
    "lstm_0_bias",
)


class LstmEngine:
    """Plays bundles of family ``lstm``; see ``Engine``."""

    family = "lstm"

    def __init__(self, bundle: Bundle) -> None:
        model = bundle.model
        _check(bundle)
        self.composers: list[str] = model["composers"]
        self.ensembles: list[str] = model["ensembles"]
        self.learned_composers = learned_names(bundle, "composers")
        self.learned_ensembles = learned_names(bundle, "ensembles")
        self.tempo_qpm = float(model["tempo_qpm"])
        self.temperature = float(model.get("temperature", TEMPERATURE))
        self._steps_per_quarter = model["steps_per_quarter"]
        self._vocabulary = Vocabulary(**model["vocabulary"])
        self._state_size = 2 * model["layers"] * model["units"]
        self._condition_arrays = {name: bundle.weights[name] for name in CONDITION_ARRAYS}
        graph = step_graph(model, bundle.weights)
        self._session = open_session(graph.SerializeToString(), "The LSTM's step")

    def generate(self, requests: list[Request]) -> list[GridScore]:
        """Make one piece for each request; see ``Engine.generate``."""
        pieces = [self.begin(request) for request in requests]
        batch = self.batch()
        for start in range(0, len(pieces), MAX_BATCH):
            batch.regroup(pieces[start : start + MAX_BATCH])
            while batch.pieces:
                batch.step()
                if any(piece.done for piece in batch.pieces):
                    batch.regroup([piece for piece in batch.pieces if not piece.done])
        return [piece.score() for piece in pieces]

    def stream(self, request: Request) -> Iterator[Frame]:
        """Make one piece and hand out each frame when it is finished.

        The frames put together are the score that ``generate`` returns for the request.
        """
        piece, batch = self.begin(request), self.batch()
        batch.regroup([piece])
        while not piece.done:
            yield from (frame for frame in batch.step() if frame)

    def begin(self, request: Request, kind: type[GrowingPiece] = GrowingPiece) -> GrowingPiece:
        """Return the piece of a request before its first token; a batch of this engine grows it.

        Raises:
            BadInput: the request names a composer or an ensemble that the model never met.
        """
        composer = index_of("composer", request.composer, self.composers, self.learned_composers)
        ensemble = index_of("ensemble", request.ensemble, self.ensembles, self.learned_ensembles)
        return kind(
            request,
            self._vocabulary,
            self.tempo_qpm,
            self._steps_per_quarter,
            condition_rows(self._condition_arrays, [composer], [ensemble])[0],
            np.zeros(self._state_size, np.float32),
        )

    def batch(self) -> LstmBatch:
        """Return an empty batch."""
        return LstmBatch(self._session, self._vocabulary.size, self.temperature)


def _check(bundle: Bundle) -> None:
    """Refuse arrays of another shape than the model says: later they would be other music."""
    model = bundle.model
    units, embedding = model["units"], model["embedding_dim"]
    size = Vocabulary(**model["vocabulary"]).size
    shapes = {
        "token_embedding": (size, embedding),
        "position_embedding": (model["positions"], embedding),
        "composer_embedding": (len(model["composers"]), embedding),
        "ensemble_embedding": (len(model["ensembles"]), embedding),
        "transposition_embedding": (model["transpositions"], embedding),
        "projection_kernel": (units, embedding),
        "projection_bias": (embedding,),
        "output_bias": (size,),
    }
    for layer in range(model["layers"]):
        shapes[f"lstm_{layer}_kernel"] = (units if layer else embedding, 4 * units)
        shapes[f"lstm_{layer}_recurrent"] = (units, 4 * units)
        shapes[f"lstm_{layer}_bias"] = (4 * units,)
    for name, shape in shapes.items():
        array = bundle.weights.get(name)
        if array is None or array.shape != shape or array.dtype != np.float32:
            found = "missing" if array is None else f"{array.dtype} {array.shape}"
            raise BadInput(f"The bundle's {name} is {found}, not float32 {shape}: train again.")
        if not np.isfinite(array).all():
            raise BadInput(f"The bundle's {name} holds values that are not numbers: train again.")
