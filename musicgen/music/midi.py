"""Standard MIDI files: bytes to a Score, a GridScore to bytes."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import symusic

from musicgen.errors import UnreadableMusic
from musicgen.music.family import Family
from musicgen.music.grid import GridScore
from musicgen.music.notation import bar_signature, bars
from musicgen.music.repair import repaired
from musicgen.music.score import NOTE, Metre, Score

TICKS_PER_QUARTER = 480
VELOCITY = 80
MAX_BEATS = 255
"""What the byte holds that tells how many beats a bar has."""


@dataclass(frozen=True)
class Limits:
    """What one piece may hold at the most; a few bytes of MIDI can claim years of music.

    Attributes:
        bytes: file size.
        tracks: number of tracks.
        notes: number of notes.
        quarters: length in quarter notes.
    """

    bytes: int = 8 * 2**20
    tracks: int = 128
    notes: int = 200_000
    quarters: int = 20_000


def read_midi(data: bytes, limits: Limits = Limits()) -> Score:
    """Read the pitched notes of a MIDI file.

    Raises:
        UnreadableMusic: the bytes are no MIDI file, hold no pitched note, or exceed a limit.
    """
    if len(data) > limits.bytes:
        raise UnreadableMusic("too_large", f"{len(data)} bytes, at most {limits.bytes} are read")
    if data[:4] != b"MThd":
        raise UnreadableMusic("not_midi", "the file does not begin with MThd")
    try:
        midi = symusic.Score.from_midi(repaired(data))
    except (RuntimeError, ValueError) as error:
        raise UnreadableMusic("damaged_midi", str(error)) from None
    return _score_of(midi, limits)


def write_midi(score: GridScore) -> bytes:
    """Write a grid score as a MIDI file with one track for each family that plays."""
    ticks_per_step = TICKS_PER_QUARTER // score.steps_per_quarter
    midi = symusic.Score(TICKS_PER_QUARTER)
    midi.tempos.append(symusic.Tempo(0, score.tempo_qpm))
    for step, beats, beat_type in _time_signatures(score):
        midi.time_signatures.append(
            symusic.TimeSignature(step * ticks_per_step, min(beats, MAX_BEATS), beat_type)
        )
    for family in Family:
        notes = score.notes[score.notes["family"] == family]
        if not len(notes):
            continue
        track = symusic.Track(family.name.capitalize(), program=family.program)
        track.notes = symusic.Note.from_numpy(
            time=(notes["onset_steps"] * ticks_per_step).astype(np.int32),
            duration=(notes["duration_steps"] * ticks_per_step).astype(np.int32),
            pitch=notes["pitch"].astype(np.int8),
            velocity=np.full(len(notes), VELOCITY, np.int8),
            ttype="tick",
        )
        midi.tracks.append(track)
    return bytes(midi.dumps_midi())


def _time_signatures(score: GridScore) -> Iterator[tuple[int, int, int]]:
    """Yield step and figures wherever they change; 4/4 at first needs none."""
    before = (4, 4)
    for start, end in bars(score):
        figures = bar_signature(score, start, end)
        if figures != before:
            yield start, *figures
        before = figures


def _score_of(midi, limits: Limits) -> Score:
    tracks = [track for track in midi.tracks if not track.is_drum and len(track.notes)]
    count = sum(len(track.notes) for track in tracks)
    if len(midi.tracks) > limits.tracks:
        raise UnreadableMusic("too_many_tracks", f"{len(midi.tracks)}, limit {limits.tracks}")
    if not count:
        raise UnreadableMusic("no_notes", "no pitched note")
    if count > limits.notes:
        raise UnreadableMusic("too_many_notes", f"{count}, limit {limits.notes}")
    if midi.tpq <= 0:
        raise UnreadableMusic("damaged_midi", "a quarter note has no ticks")
    notes = np.concatenate([_notes_of(track, midi.tpq) for track in tracks])
    if min(notes["onset_beats"].min(), notes["duration_beats"].min()) < 0:
        raise UnreadableMusic("damaged_midi", "times that no tick count can hold")
    score = Score(
        np.sort(notes, order=["onset_beats", "pitch", "program", "duration_beats"]),
        tuple(Metre(s.time / midi.tpq, s.numerator, s.denominator) for s in midi.time_signatures),
        _mean_tempo_qpm(midi),
    )
    if score.end_beats > limits.quarters:
        raise UnreadableMusic(
            "too_long", f"{score.end_beats:.0f} quarter notes, limit {limits.quarters}"
        )
    return score


def _notes_of(track, ticks_per_quarter: int) -> np.ndarray:
    columns = track.notes.numpy()
    notes = np.empty(len(columns["time"]), NOTE)
    notes["onset_beats"] = columns["time"] / ticks_per_quarter
    notes["duration_beats"] = columns["duration"] / ticks_per_quarter
    notes["pitch"] = columns["pitch"]
    notes["velocity"] = columns["velocity"]
    notes["program"] = track.program
    return notes


def _mean_tempo_qpm(midi) -> float:
    """Average the tempo so that the piece lasts as long as it did with all its changes."""
    end = midi.end()
    changes = [(t.time, t.qpm) for t in midi.tempos if t.time < end and t.qpm > 0]
    if not changes or changes[0][0] > 0:
        changes.insert(0, (0, 120.0))
    edges = [time for time, _ in changes[1:]] + [end]
    minutes = sum((edge - time) / qpm for (time, qpm), edge in zip(changes, edges, strict=True))
    return float(np.clip(end / minutes, 20, 400)) if minutes > 0 else 120.0
