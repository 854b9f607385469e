"""Pieces that an LSTM makes side by side, sharing its steps."""

import numpy as np
from onnxruntime import InferenceSession

from musicgen.generation.growing_piece import Frame, GrowingPiece
from musicgen.generation.sampler import Sampler


class LstmBatch:
    """Grows its pieces by one token a step; between steps, pieces may come and go.

    Attributes:
        pieces: those that grow now.
    """

    def __init__(
        self, session: InferenceSession, vocabulary_size: int, own_temperature: float
    ) -> None:
        self.pieces: list[GrowingPiece] = []
        self._session = session
        self._vocabulary_size = vocabulary_size
        self._own_temperature = own_temperature

    def regroup(self, pieces: list[GrowingPiece]) -> None:
        """Let just these pieces grow from now on; those that leave take their state along."""
        for row, piece in enumerate(self.pieces):
            piece.state = self._state[row].copy()  # a view would keep the whole batch's alive
        self.pieces = pieces
        if pieces:
            self._state = np.stack([piece.state for piece in pieces])
            self._condition = np.stack([piece.condition for piece in pieces])
            self._sampler = Sampler.of(
                [piece.request for piece in pieces], self._vocabulary_size, self._own_temperature
            )

    def step(self) -> list[Frame | None]:
        """Make one token of every piece; returns the frames that it ended, by piece."""
        logits, self._state = self._session.run(
            ["logits", "next_state"],
            {
                "token": np.array([piece.token for piece in self.pieces]),
                "position": np.array([piece.position for piece in self.pieces]),
                "condition": self._condition,
                "state": self._state,
            },
        )
        allowed = np.stack([piece.allowed() for piece in self.pieces])
        uniforms = np.array([piece.uniform() for piece in self.pieces], np.float32)
        tokens = self._sampler.draw(logits, allowed, uniforms)
        pairs = zip(self.pieces, tokens.tolist(), strict=True)
        return [piece.grow(token) for piece, token in pairs]
