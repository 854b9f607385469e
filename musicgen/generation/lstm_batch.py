"""Pieces that an LSTM makes side by side, sharing its steps."""

import numpy as np
from onnxruntime import InferenceSession

from musicgen.generation.growing_piece import Frame, GrowingPiece
from musicgen.generation.sampler import Sampler


class LstmBatch:
    """Grows all its pieces by one token a step; a piece that is done leaves.

    Attributes:
        pieces: those still growing.
    """

    def __init__(
        self,
        session: InferenceSession,
        pieces: list[GrowingPiece],
        condition: np.ndarray,
        state_size: int,
        sampler: Sampler,
    ) -> None:
        self.pieces = pieces
        self._session = session
        self._condition = condition
        self._state = np.zeros((len(pieces), state_size), np.float32)
        self._sampler = sampler

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
        frames = [piece.push(token) for piece, token in pairs]
        if any(piece.done for piece in self.pieces):
            self._let_go()
        return frames

    def _let_go(self) -> None:
        kept = np.array([not piece.done for piece in self.pieces])
        self.pieces = [piece for piece in self.pieces if not piece.done]
        self._condition, self._state = self._condition[kept], self._state[kept]
        self._sampler = self._sampler.rows(kept)
