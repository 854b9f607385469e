"""Grid scores as staves, voices and note values: what a reader sees. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from musicgen.music.family import Family
from musicgen.music.grid import GridScore

MIDDLE_C = 60
VALUES = (16, 12, 8, 6, 4, 3, 2, 1)
"""Note values that have a sign, in sixteenths: whole, dotted half … sixteenth."""


@dataclass(frozen=True)
class Chord:
    """Notes of one voice that begin and end together; a rest without pitches.

    Attributes:
        onset_steps: when it begins.
        duration_steps: how long it lasts.
        pitches: MIDI pitches, ascending.
    """

    onset_steps: int
    duration_steps: int
    pitches: tuple[int, ...]

    @property
    def end_steps(self) -> int:
        """When it ends."""
        return self.onset_steps + self.duration_steps


@dataclass(frozen=True)
class Staff:
    """Five lines.

    Attributes:
        is_bass: whether its clef is the bass clef.
        voices: each a list of chords that do not overlap, in order.
    """

    is_bass: bool
    voices: list[list[Chord]]


def staves(score: GridScore, family: Family) -> list[Staff]:
    """Return the staves of a family's notes: one, or two where they span too much for one."""
    notes = score.notes[score.notes["family"] == family]
    pitches = notes["pitch"]
    if not len(pitches):
        return []
    if pitches.min() < MIDDLE_C - 5 and pitches.max() > MIDDLE_C + 4:
        is_high = pitches >= MIDDLE_C
        return [Staff(False, _voices(notes[is_high])), Staff(True, _voices(notes[~is_high]))]
    return [Staff(bool(np.median(pitches) < MIDDLE_C), _voices(notes))]


def bars(score: GridScore) -> list[tuple[int, int]]:
    """Return the first step of each bar and of what follows it."""
    usual = 4 * score.steps_per_quarter
    starts = score.bar_starts_steps.tolist() or list(range(0, max(score.length_steps, 1), usual))
    # The last bar is whole, though the music may stop before.
    ends = [*starts[1:], max(starts[-1] + score.last_bar_steps, score.length_steps)]
    return list(zip(starts, ends, strict=True))


def bar_signature(score: GridScore, start_steps: int, end_steps: int) -> tuple[int, int]:
    """Return the figures of a bar: those written for it if they fill it, else by its length.

    Six eighths are as long as three quarters: only what was written tells them apart.
    """
    steps = score.steps_per_quarter
    begun = (m for m in reversed(score.metres) if round(m.onset_beats * steps) <= start_steps)
    metre = next(begun, None)
    if metre and metre.bar_beats * steps == end_steps - start_steps:
        return metre.numerator, metre.denominator
    return time_signature(end_steps - start_steps, steps)


def beat_steps(figures: tuple[int, int]) -> int:
    """Return the length of a beat in sixteenths: a dotted quarter in 6/8, 9/8 and 12/8."""
    beats, beat_type = figures
    return 6 if beat_type == 8 and beats > 3 and beats % 3 == 0 else 4


def time_signature(bar_steps: int, steps_per_quarter: int) -> tuple[int, int]:
    """Return the figures of a bar: quarters if they fill it, else eighths, else sixteenths."""
    whole = 4 * steps_per_quarter
    beat_type = next((unit for unit in (4, 8) if bar_steps * unit % whole == 0), 16)
    return max(round(bar_steps * beat_type / whole), 1), beat_type


def within(
    chord: Chord, start_steps: int, end_steps: int, beat: int = 4
) -> Iterator[tuple[int, int]]:
    """Yield onset and value of the tied notes that show a chord between two steps.

    Values end on beats or begin there, so that the beat, of so many steps, can be seen.
    """
    at = max(chord.onset_steps, start_steps)
    end = min(chord.end_steps, end_steps)
    while at < end:
        off_beat = (at - start_steps) % beat
        room = end - at
        if off_beat and room > beat - off_beat:
            room = beat - off_beat
        value = next(value for value in VALUES if value <= room)
        yield at, value
        at += value


def _voices(notes: np.ndarray) -> list[list[Chord]]:
    """Put notes into as few voices as their overlaps allow, higher chords into earlier voices."""
    together: dict[tuple[int, int], list[int]] = {}
    for onset, duration, pitch, _ in notes.tolist():
        together.setdefault((onset, duration), []).append(pitch)
    chords = [Chord(*key, tuple(sorted(pitches))) for key, pitches in together.items()]
    voices: list[list[Chord]] = []
    for chord in sorted(chords, key=lambda chord: (chord.onset_steps, -chord.pitches[-1])):
        free = (voice for voice in voices if voice[-1].end_steps <= chord.onset_steps)
        voice = next(free, None)
        if voice is None:
            voices.append(voice := [])
        voice.append(chord)
    return voices
