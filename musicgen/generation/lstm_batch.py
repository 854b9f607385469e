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

    def step(self, rows: list[int] | None = None) -> list[Frame | None]:
        """Make one token of every piece, or of some; returns the frames that it ended, by piece."""
        if rows is None:
            pieces, sampler = self.pieces, self._sampler
            logits, self._state = self._run(pieces, self._condition, self._state)
        else:
            pieces, sampler = [self.pieces[row] for row in rows], self._sampler.rows(rows)
            logits, state = self._run(pieces, self._condition[rows], self._state[rows])
            self._state[rows] = state
        allowed = np.stack([piece.allowed() for piece in pieces])
        uniforms = np.array([piece.uniform() for piece in pieces], np.float32)
        tokens = sampler.draw(logits, allowed, uniforms)
        return [piece.grow(token) for piece, token in zip(pieces, tokens.tolist(), strict=True)]

    def _run(
        self, pieces: list[GrowingPiece], condition: np.ndarray, state: np.ndarray
    ) -> list[np.ndarray]:
        """Return the logits of the pieces' next tokens, and the states after them."""
        return self._session.run(
            ["logits", "next_state"],
            {
                "token": np.array([piece.token for piece in pieces]),
                "position": np.array([piece.position for piece in pieces]),
                "condition": condition,
                "state": state,
            },
        )
