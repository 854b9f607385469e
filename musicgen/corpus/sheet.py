"""Sheet music: what a score on paper says, part by part, in quarter notes."""

from dataclasses import dataclass

import numpy as np
import symusic

from musicgen.music.midi import TICKS_PER_QUARTER, VELOCITY
from musicgen.music.score import Metre


@dataclass(frozen=True)
class Part:
    """What one player or singer has, or two hands.

    Attributes:
        name: as printed.
        program: General MIDI program, from 0; None if the score does not say.
        notes: onset in quarters, duration in quarters, pitch as it sounds; ties are joined.
    """

    name: str
    program: int | None
    notes: list[tuple[float, float, int]]


@dataclass(frozen=True)
class Sheet:
    """A score as it is written; repeats are not played out.

    Attributes:
        parts: from top to bottom.
        metres: time signatures, and one more wherever bars begin anew off the old count.
        tempos: onset in quarters and quarter notes a minute, ascending.
    """

    parts: list[Part]
    metres: list[Metre]
    tempos: list[tuple[float, float]]


def to_midi(sheet: Sheet, tempo_qpm: float) -> bytes:
    """Write a sheet as a MIDI file with a track for each part; equal sheets give equal bytes.

    Args:
        sheet: the music; every part has a program.
        tempo_qpm: quarter notes a minute until the sheet's first tempo.
    """
    midi = symusic.Score(TICKS_PER_QUARTER)
    for onset, qpm in {0.0: tempo_qpm, **dict(sheet.tempos)}.items():
        midi.tempos.append(symusic.Tempo(int(_ticks(onset)), qpm))
    for metre in sheet.metres:
        at = int(_ticks(metre.onset_beats))
        midi.time_signatures.append(symusic.TimeSignature(at, metre.numerator, metre.denominator))
    for part in sheet.parts:
        if part.notes:
            midi.tracks.append(_track(part))
    return bytes(midi.dumps_midi())


def _track(part: Part) -> symusic.Track:
    onsets, durations, pitches = np.array(part.notes).T
    starts = _ticks(onsets)
    track = symusic.Track(part.name, program=part.program)
    track.notes = symusic.Note.from_numpy(
        time=starts,
        duration=np.maximum(_ticks(onsets + durations) - starts, 1),
        pitch=pitches.astype(np.int8),
        velocity=np.full(len(starts), VELOCITY, np.int8),
        ttype="tick",
    )
    return track


def _ticks(quarters) -> np.ndarray:
    return np.rint(np.asarray(quarters) * TICKS_PER_QUARTER).astype(np.int32)
