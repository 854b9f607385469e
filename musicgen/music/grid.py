"""Music on the beat grid: what models learn and make."""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from musicgen.music.family import families_of_programs
from musicgen.music.score import Metre, Score

GRID_NOTE = np.dtype(
    [("onset_steps", "i4"), ("duration_steps", "i4"), ("pitch", "u1"), ("family", "u1")]
)
"""One note on the grid. A step is one frame; ``family`` is a ``Family``."""

STEPS_PER_QUARTER = 4


@dataclass(frozen=True)
class GridScore:
    """Notes on a grid of steps, canonical: at most one note sounds per pitch and family.

    Attributes:
        notes: array of ``GRID_NOTE``, sorted by onset, pitch, family.
        length_steps: number of frames, rests at the end included.
        bar_starts_steps: ascending first steps of the bars; empty means 4/4 from step 0.
        steps_per_quarter: grid resolution.
        tempo_qpm: quarter notes a minute.
        metres: the time signatures that were written, in beats from step 0; empty if none was.
    """

    notes: np.ndarray
    length_steps: int
    bar_starts_steps: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    steps_per_quarter: int = STEPS_PER_QUARTER
    tempo_qpm: float = 120.0
    metres: tuple[Metre, ...] = ()

    @property
    def duration_seconds(self) -> float:
        """Playing time at the given tempo."""
        return self.length_steps / self.steps_per_quarter * 60 / self.tempo_qpm

    @property
    def last_bar_steps(self) -> int:
        """Length of the bar that the score ends in, to its end; the music may stop before."""
        if self.metres:
            return max(round(self.metres[-1].bar_beats * self.steps_per_quarter), 1)
        if len(self.bar_starts_steps) > 1:
            return int(self.bar_starts_steps[-1] - self.bar_starts_steps[-2])
        return 4 * self.steps_per_quarter

    def positions(self) -> np.ndarray:
        """Return each frame's step within its bar, shape ``(length_steps,)``, ``int32``."""
        steps = np.arange(self.length_steps, dtype=np.int32)
        if not len(self.bar_starts_steps):
            return steps % (4 * self.steps_per_quarter)
        bars = np.searchsorted(self.bar_starts_steps, steps, side="right") - 1
        return steps - self.bar_starts_steps[np.maximum(bars, 0)]

    def window(self, start_steps: int, length_steps: int) -> "GridScore":
        """Cut out frames; notes that cross the edges are shortened, and bars start anew at 0."""
        ends = np.minimum(
            self.notes["onset_steps"] + self.notes["duration_steps"], start_steps + length_steps
        )
        onsets = np.maximum(self.notes["onset_steps"], start_steps)
        kept = ends > onsets
        notes = self.notes[kept].copy()
        notes["onset_steps"] = onsets[kept] - start_steps
        notes["duration_steps"] = (ends - onsets)[kept]
        return replace(
            self,
            notes=np.sort(notes, order=["onset_steps", "pitch", "family"]),
            length_steps=length_steps,
            bar_starts_steps=np.zeros(0, np.int32),
            metres=(),
        )


def quantize(score: Score, steps_per_quarter: int = STEPS_PER_QUARTER) -> GridScore:
    """Round a score to the grid; whole empty bars before the first note are left out."""
    onsets = _steps(score.notes["onset_beats"], steps_per_quarter)
    ends = _steps(score.notes["onset_beats"] + score.notes["duration_beats"], steps_per_quarter)
    notes = np.empty(len(onsets), GRID_NOTE)
    notes["onset_steps"] = onsets
    notes["duration_steps"] = np.maximum(ends - onsets, 1)
    notes["pitch"] = score.notes["pitch"]
    notes["family"] = families_of_programs(score.notes["program"])
    notes = canonical(notes)
    length = int((notes["onset_steps"] + notes["duration_steps"]).max(initial=0))
    bars, lead = bar_starts(score.metres, length, steps_per_quarter), 0
    if len(notes):
        lead = int(bars[np.searchsorted(bars, notes["onset_steps"][0], side="right") - 1])
        notes["onset_steps"] -= lead
        bars, length = bars[bars >= lead] - lead, length - lead
    metres = _metres_from(score.metres, lead, length, steps_per_quarter)
    return GridScore(notes, length, bars, steps_per_quarter, score.tempo_qpm, metres)


def _steps(beats: np.ndarray, steps_per_quarter: int) -> np.ndarray:
    """Return the nearest steps; what lies halfway goes to the later one.

    ``rint`` would send it to the even one: of a trill in 32nds half of the notes would fall onto
    others, and the same figure a step later would come out another.
    """
    return np.floor(beats * steps_per_quarter + 0.5).astype(np.int32)


def _step(beats: float, steps_per_quarter: int) -> int:
    """Return the nearest step, as ``_steps`` does."""
    return math.floor(beats * steps_per_quarter + 0.5)


def canonical(notes: np.ndarray) -> np.ndarray:
    """Let at most one note sound per pitch and family: a new onset ends the note before it."""
    line = notes["pitch"].astype(np.int32) * 256 + notes["family"]
    order = np.lexsort((-notes["duration_steps"], notes["onset_steps"], line))
    notes, line = notes[order], line[order]
    onsets = notes["onset_steps"]
    repeated = (line[1:] == line[:-1]) & (onsets[1:] == onsets[:-1])
    kept = np.r_[True, ~repeated][: len(notes)]
    notes, line = notes[kept], line[kept]
    until_next = np.where(
        line[1:] == line[:-1], np.diff(notes["onset_steps"]), np.iinfo(np.int32).max
    )
    notes["duration_steps"][:-1] = np.minimum(notes["duration_steps"][:-1], until_next)
    return np.sort(notes, order=["onset_steps", "pitch", "family"])


def _metres_from(
    metres: tuple[Metre, ...], lead_steps: int, length_steps: int, steps_per_quarter: int
) -> tuple[Metre, ...]:
    """Return the metres that hold from ``lead_steps`` on, counted from there, one a step."""
    by_step: dict[int, Metre] = {}
    for metre in _countable(metres):
        step = max(_step(metre.onset_beats, steps_per_quarter) - lead_steps, 0)
        if step < length_steps:
            by_step[step] = replace(metre, onset_beats=step / steps_per_quarter)
    return tuple(by_step.values())


def _countable(metres: tuple[Metre, ...]) -> list[Metre]:
    return [m for m in metres if m.numerator > 0 and m.denominator > 0]


def bar_starts(metres: tuple[Metre, ...], length_steps: int, steps_per_quarter: int) -> np.ndarray:
    """List the first step of every bar up to the end; a change of metre starts a new bar."""
    changes = _countable(metres)
    if not changes or changes[0].onset_beats > 0:
        changes.insert(0, Metre(0.0, 4, 4))
    # A change may stand far behind the last note, and bars up to there would fill the memory.
    end = max(length_steps, 1)
    edges = [_step(m.onset_beats, steps_per_quarter) for m in changes[1:]] + [end]
    starts = [
        np.arange(
            _step(metre.onset_beats, steps_per_quarter),
            min(max(edge, 1), end),
            max(_step(metre.bar_beats, steps_per_quarter), 1),
            dtype=np.int32,
        )
        for metre, edge in zip(changes, edges, strict=True)
    ]
    return np.unique(np.concatenate(starts))
