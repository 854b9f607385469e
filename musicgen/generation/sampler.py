"""Drawing tokens from logits, a batch at a time."""

from dataclasses import dataclass

import numpy as np

from musicgen.generation.request import Request


@dataclass(frozen=True)
class Sampler:
    """How each stream of a batch draws.

    Attributes:
        temperature: ``(B, 1)`` float32, above 0.
        top_k: ``(B,)`` int; draw among the k likeliest. The vocabulary's size is off.
        top_p: ``(B, 1)``; draw among the likeliest that together hold this share. 1 is off.
    """

    temperature: np.ndarray
    top_k: np.ndarray
    top_p: np.ndarray

    @classmethod
    def of(cls, requests: list[Request], vocabulary_size: int, own_temperature: float) -> "Sampler":
        """Return the sampler of a batch; a temperature of 0 draws among the one likeliest."""
        asked = [own_temperature if r.temperature is None else r.temperature for r in requests]
        temperature = np.array(asked, np.float32)
        greedy = temperature == 0
        top_k = np.array([r.top_k or vocabulary_size for r in requests])
        top_k = np.where(greedy, 1, np.minimum(top_k, vocabulary_size))
        top_p = np.array([r.top_p for r in requests])
        return cls(np.maximum(temperature, 1e-3)[:, None], top_k, top_p[:, None])

    def rows(self, kept: list[int]) -> "Sampler":
        """Return the sampler of some of the streams."""
        return Sampler(self.temperature[kept], self.top_k[kept], self.top_p[kept])

    def draw(self, logits: np.ndarray, allowed: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
        """Return one token per stream, shape ``(B,)``.

        Args:
            logits: ``(B, V)`` float32.
            allowed: ``(B, V)`` bool, at least one per row.
            uniforms: ``(B,)`` float32 in [0, 1): the only randomness, one number a token.
        """
        # What no stream may draw weighs nothing, and half of all tokens are such: leave them out.
        tokens = np.flatnonzero(allowed.any(axis=0))
        scaled = logits[:, tokens] / self.temperature
        scaled[~allowed[:, tokens]] = -np.inf
        weights = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        weights[weights < self._least_kept(weights)[:, None]] = 0
        # float32 numbers below 1 times a float64 sum stay below that sum, so a token is found.
        cumulative = weights.cumsum(axis=1, dtype=np.float64)
        targets = uniforms.astype(np.float64)[:, None] * cumulative[:, -1:]
        return tokens[np.count_nonzero(cumulative <= targets, axis=1)]

    def _least_kept(self, weights: np.ndarray) -> np.ndarray:
        """Return the smallest weight that top-k and then top-p leave in each row, ``(B,)``.

        Top-p keeps the fewest likeliest whose sum reaches p; turned round, it drops the most
        unlikeliest whose sum does not exceed 1 - p (Holtzman et al. 2020, section 3.1).
        """
        rows, size = np.arange(len(weights)), weights.shape[1]
        ascending = np.sort(weights, axis=1)
        kth = ascending[rows, size - np.minimum(self.top_k, size)]
        ascending[ascending < kth[:, None]] = 0
        cumulative = ascending.cumsum(axis=1, dtype=np.float64)
        dropped = np.count_nonzero(cumulative <= (1 - self.top_p) * cumulative[:, -1:], axis=1)
        return ascending[rows, dropped]
