"""What is asked of an engine: one piece of music, described in full."""

import secrets
from dataclasses import dataclass
from typing import Any

from musicgen.errors import BadInput
from musicgen.generation.prompt import from_text
from musicgen.music.grid import STEPS_PER_QUARTER

UNKNOWN = "unknown"
MAX_SEED = 2**32 - 1
MAX_BARS = 256
BAR_STEPS = 4 * STEPS_PER_QUARTER


@dataclass(frozen=True)
class Request:
    """One piece to make. Equal requests to equal model versions give equal music.

    Attributes:
        seed: 0 to 2**32 - 1.
        composer: one of the engine's composers.
        ensemble: one of the engine's ensembles.
        bars: length in bars of 4/4, 1 to 256.
        tempo_qpm: quarter notes a minute, 20 to 400; None takes the model's own.
        temperature: 0 to 4; below 1 keeps to the likely, above 1 dares more, 0 takes the
            likeliest throughout; None takes the model's own.
        top_k: draw among the k likeliest tokens only; 0 is off. LSTM only.
        top_p: draw among the likeliest tokens that together hold this share, 0 < p <= 1; 1 is
            off. LSTM only.
        prompt: music to go on from, as ``prompt`` writes it; the piece begins with it, and
            ``bars`` more in its metre follow. LSTM only.

    Raises:
        BadInput: a value is out of range.
    """

    seed: int
    composer: str = UNKNOWN
    ensemble: str = UNKNOWN
    bars: int = 8
    tempo_qpm: float | None = None
    temperature: float | None = None
    top_k: int = 0
    top_p: float = 0.95
    prompt: str | None = None

    def __post_init__(self) -> None:
        _require_whole("seed", self.seed, 0, MAX_SEED)
        _require_whole("bars", self.bars, 1, MAX_BARS)
        _require_whole("top_k", self.top_k, 0, 2**16)
        _require_between("top_p", self.top_p, 1e-6, 1)
        if self.temperature is not None:
            _require_between("temperature", self.temperature, 0, 4)
        if self.tempo_qpm is not None:
            _require_between("tempo_qpm", self.tempo_qpm, 20, 400)
        for name in ("composer", "ensemble"):
            if not isinstance(getattr(self, name), str):
                raise BadInput(f"{name} is {getattr(self, name)!r}; give a name, or '{UNKNOWN}'.")
        if self.prompt is not None:
            if not isinstance(self.prompt, str):
                raise BadInput("The music to go on from cannot be read.")
            from_text(self.prompt)

    @property
    def bar_steps(self) -> int:
        """Length of a bar."""
        if self.prompt is None:
            return BAR_STEPS
        music = from_text(self.prompt)
        return music.length_steps // len(music.bar_starts_steps)

    @property
    def prompt_steps(self) -> int:
        """Length of the music to go on from; 0 without."""
        return from_text(self.prompt).length_steps if self.prompt else 0

    @property
    def length_steps(self) -> int:
        """Length of the whole piece."""
        return self.prompt_steps + self.bars * self.bar_steps


def random_seed() -> int:
    """Return a seed for a request that asks for none."""
    return secrets.randbelow(MAX_SEED + 1)


def _require_whole(name: str, value: Any, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise BadInput(f"{name} is {value!r}; give a whole number from {low} to {high}.")


def _require_between(name: str, value: Any, low: float, high: float) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not low <= value <= high:  # so is what is not finite
        raise BadInput(f"{name} is {value!r}; give a number from {low:g} to {high:g}.")
