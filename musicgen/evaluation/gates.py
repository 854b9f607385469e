"""Gates: what no score may make up for."""

from dataclasses import asdict, dataclass

import numpy as np

from musicgen.errors import UnreadableMusic
from musicgen.evaluation.copying import CopyDetector
from musicgen.evaluation.measures.frames import onset_steps
from musicgen.evaluation.measures.harmony import longest_chord_steps, polyphony
from musicgen.evaluation.measures.repetition import longest_loop_steps
from musicgen.music.grid import GridScore
from musicgen.music.midi import read_midi, write_midi

FEWEST_ONSETS = 4
FEWEST_PITCH_CLASSES = 3
MOST_PITCHES = 20
MOST_CHORD_STEPS = 48
COPIED_NOTES = 16

MOST_SILENT = 0.5
MOST_DEGENERATE = 0.5
MOST_COPIED = 0.25
"""Shares of excerpts or runs; degenerate and copied ones may exceed the held-out music's by it."""


@dataclass(frozen=True)
class Gate:
    """One gate: ``value`` must not exceed ``limit``; here both are shares, 0 to 1."""

    value: float
    limit: float

    @property
    def passed(self) -> bool:
        """Whether the value keeps within the limit."""
        return self.value <= self.limit

    def document(self) -> dict[str, float | bool]:
        """Return the JSON document."""
        return {**asdict(self), "passed": self.passed}


def gates(
    scores: list[GridScore], held_out: list[GridScore], copies: CopyDetector
) -> dict[str, Gate]:
    """Judge a set of excerpts; the held-out music says what is usual."""
    sounding = [score for score in scores if len(score.notes)]
    usual_copies = copies.share(held_out, COPIED_NOTES)
    longest_loop = max(map(longest_loop_steps, held_out), default=0)
    usual_degenerate = _share(is_degenerate(score, longest_loop) for score in held_out)
    return {
        "invalid_midi": Gate(_share(not _survives_midi(s) for s in sounding), 0.0),
        "silent": Gate(1 - len(sounding) / len(scores), MOST_SILENT),
        "degenerate": Gate(
            _share(is_degenerate(score, longest_loop) for score in scores),
            min(usual_degenerate + MOST_DEGENERATE, 1.0),
        ),
        "copied": Gate(copies.share(scores, COPIED_NOTES), min(usual_copies + MOST_COPIED, 1.0)),
    }


def is_degenerate(score: GridScore, most_loop_steps: int) -> bool:
    """Whether an excerpt is no music by any standard: a drone, a few notes, a wall of sound.

    Or one chord for most of the time, or a loop longer than ``most_loop_steps``, the longest that
    held-out music keeps to.
    """
    return bool(
        len(onset_steps(score)) < FEWEST_ONSETS
        or len(np.unique(score.notes["pitch"] % 12)) < FEWEST_PITCH_CLASSES
        or polyphony(score) > MOST_PITCHES
        or longest_loop_steps(score) > most_loop_steps
        or longest_chord_steps(score) > MOST_CHORD_STEPS
    )


def _survives_midi(score: GridScore) -> bool:
    try:
        return len(read_midi(write_midi(score)).notes) == len(score.notes)
    except UnreadableMusic:
        return False


def _share(flags) -> float:
    found = list(flags)
    return sum(found) / len(found) if found else 0.0
