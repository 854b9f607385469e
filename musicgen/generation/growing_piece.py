"""One piece of music while an LSTM makes it, token by token."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from musicgen.generation.prompt import from_text
from musicgen.generation.request import BAR_STEPS, Request
from musicgen.music.grid import STEPS_PER_QUARTER, GridScore
from musicgen.representation import sequence
from musicgen.representation.grammar import Grammar
from musicgen.representation.vocabulary import END_OF_FRAME, Vocabulary

MAX_NOTES_PER_FRAME = 32
DRAWS_AT_ONCE = 256


@dataclass(frozen=True)
class Frame:
    """What sounds in one step; frames in order, put together, are the piece.

    Attributes:
        step: index of the frame, from 0.
        struck: (pitch, family) of each note that begins here.
        held: (pitch, family) of each note that goes on from the frame before.
    """

    step: int
    struck: tuple[tuple[int, int], ...]
    held: tuple[tuple[int, int], ...]


class GrowingPiece:
    """Holds all that a piece needs between tokens, so that it grows the same in any company.

    Attributes:
        request: what was asked for.
        condition: the model's input that holds for the whole piece, a row.
        state: the model's state before the token to come, a row, while no batch holds it.
        token: the last token; an end of frame before the first.
        frames: number of finished frames.
    """

    def __init__(
        self,
        request: Request,
        vocabulary: Vocabulary,
        tempo_qpm: float,
        steps_per_quarter: int = STEPS_PER_QUARTER,
        condition: np.ndarray = np.zeros(0, np.float32),
        state: np.ndarray = np.zeros(0, np.float32),
    ) -> None:
        self.request = request
        self.condition = condition
        self.state = state
        self.token = END_OF_FRAME
        self.frames = 0
        self._vocabulary = vocabulary
        self.tempo_qpm = request.tempo_qpm or tempo_qpm
        self._steps_per_quarter = steps_per_quarter
        self._bar_steps = request.bar_steps
        self._length_steps = request.length_steps
        self._given = deque(_given_tokens(request, vocabulary))
        self._grammar = Grammar(vocabulary)
        self._random = np.random.Generator(np.random.Philox(request.seed))
        self._draws = iter(())
        self._tokens: list[int] = []
        self._frame_start = 0

    @property
    def position(self) -> int:
        """Step in the bar of the frame that is being made."""
        return self.frames % self._bar_steps

    @property
    def done(self) -> bool:
        """Whether the asked number of bars is full."""
        return self.frames == self._length_steps

    @property
    def ready(self) -> bool:
        """Whether the token to come may be made now."""
        return True

    def allowed(self) -> np.ndarray:
        """Return which tokens may come next, shape ``(V,)``, ``bool``; never none.

        Beyond the grammar, music begins at once, and no frame grows past all music.
        """
        notes = len(self._tokens) - self._frame_start
        if notes >= MAX_NOTES_PER_FRAME:
            mask = np.zeros(self._vocabulary.size, bool)
            mask[END_OF_FRAME] = True
            return mask
        mask = self._grammar.allowed()
        if not (self.frames or notes):
            mask[END_OF_FRAME] = False
        return mask

    def uniform(self) -> float:
        """Draw the next number in [0, 1) of the piece's own stream of chance."""
        for number in self._draws:
            return number
        self._draws = iter(self._random.random(DRAWS_AT_ONCE, np.float32).tolist())
        return next(self._draws)

    def grow(self, drawn: int) -> Frame | None:
        """Take the token that was drawn, or the given one while there is music to go on from."""
        return self.push(self._given.popleft() if self._given else drawn)

    def push(self, token: int) -> Frame | None:
        """Append a token; returns the frame where the token ends one."""
        self._grammar.push(token)
        self._tokens.append(token)
        self.token = token
        if token != END_OF_FRAME:
            return None
        frame = self._frame(self._tokens[self._frame_start : -1])
        self._frame_start = len(self._tokens)
        self.frames += 1
        return frame

    def score(self) -> GridScore:
        """Return all finished frames as a score."""
        tokens = np.array(self._tokens, np.int32)
        score = sequence.decode(tokens, self._vocabulary, self._steps_per_quarter, self.tempo_qpm)
        metres = from_text(self.request.prompt).metres if self.request.prompt else ()
        if self._bar_steps == BAR_STEPS and not metres:
            return score
        starts = np.arange(0, score.length_steps, self._bar_steps, dtype=np.int32)
        return replace(score, bar_starts_steps=starts, metres=metres)

    def _frame(self, tokens: list[int]) -> Frame:
        struck, held = [], []
        for pitch, family, goes_on in map(self._vocabulary.note, tokens):
            (held if goes_on else struck).append((pitch, family))
        return Frame(self.frames, tuple(struck), tuple(held))


def _given_tokens(request: Request, vocabulary: Vocabulary) -> Iterable[int]:
    """Return the tokens of the music to go on from, octaves changed where the model has none."""
    if request.prompt is None:
        return ()
    score = sequence.in_range(from_text(request.prompt), vocabulary)
    return sequence.encode(score, vocabulary).tolist()
