"""MusicNet's label files: what was aligned to a recording, read as a score in quarter notes.

A row is a note: ``start_time,end_time,instrument,note,start_beat,end_beat,note_value``. Times are
sample numbers at 44,100 Hz, ``instrument`` is a General MIDI program counted from 1, and
``end_beat`` is a length.

The unit of the two beat columns changes with the metre: see ``beat_units``.
"""

import csv
import io

import numpy as np

from musicgen.corpus.beat_units import QUARTERS_OF_NOTE_VALUE, beat_units, in_quarters
from musicgen.errors import UnreadableMusic
from musicgen.music.midi import Limits
from musicgen.music.score import NOTE, Score

SAMPLES_PER_SECOND = 44_100
VELOCITY = 80
COLUMNS = ("start_time", "end_time", "instrument", "note", "start_beat", "end_beat", "note_value")


def read_labels(data: bytes, limits: Limits = Limits()) -> Score:
    """Read a label file. The score has no metres: the file does not tell them.

    Raises:
        UnreadableMusic: the bytes are no such table, hold impossible values, or exceed a limit.
    """
    if len(data) > limits.bytes:
        raise UnreadableMusic("too_large", f"{len(data)} bytes, at most {limits.bytes} are read")
    columns = _columns(data, limits)
    order = np.argsort(columns["start_beat"], kind="stable")
    columns = {name: values[order] for name, values in columns.items()}
    ratios = columns["nominal_quarters"] / columns["end_beat"]
    units = beat_units(columns["start_beat"], ratios)
    notes = np.empty(len(order), NOTE)
    notes["onset_beats"] = in_quarters(columns["start_beat"], units)
    notes["duration_beats"] = columns["end_beat"] * units
    notes["pitch"] = columns["note"]
    notes["velocity"] = VELOCITY
    notes["program"] = columns["instrument"] - 1
    score = Score(
        np.sort(notes, order=["onset_beats", "pitch", "program", "duration_beats"]),
        tempo_qpm=_tempo_qpm(notes["onset_beats"], columns["start_time"]),
    )
    if score.end_beats > limits.quarters:
        raise UnreadableMusic(
            "too_long", f"{score.end_beats:.0f} quarter notes, limit {limits.quarters}"
        )
    return score


def _columns(data: bytes, limits: Limits) -> dict[str, np.ndarray]:
    """Parse the table into checked columns; ``nominal_quarters`` is NaN where unknown."""
    rows = _rows(data, limits)
    if not rows:
        raise UnreadableMusic("no_notes", "no row below the header")
    texts = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))
    values = texts.pop("note_value")
    try:
        columns = {name: np.array(cells, np.float64) for name, cells in texts.items()}
    except ValueError as error:
        raise UnreadableMusic("bad_labels", str(error)) from None
    _check(columns)
    nominal = [QUARTERS_OF_NOTE_VALUE.get(value, np.nan) for value in values]
    return {**columns, "nominal_quarters": np.array(nominal)}


def _rows(data: bytes, limits: Limits) -> list[list[str]]:
    """Return the cells of the known columns, row by row."""
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise UnreadableMusic("bad_labels", f"without the columns {', '.join(missing)}")
        places = [header.index(name) for name in COLUMNS]
        rows = []
        for row in reader:
            if row:
                rows.append([row[place].strip() for place in places])
            if len(rows) > limits.notes:
                raise UnreadableMusic("too_many_notes", f"limit {limits.notes}")
        return rows
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableMusic("bad_labels", str(error)) from None
    except IndexError:
        raise UnreadableMusic("bad_labels", f"row {reader.line_num} is too short") from None


def _check(columns: dict[str, np.ndarray]) -> None:
    bounds = {"note": (0, 127), "instrument": (1, 128), "start_time": (0, np.inf)}
    for name, values in columns.items():
        low, high = bounds.get(name, (-np.inf, np.inf))
        if not np.isfinite(values).all() or (values < low).any() or (values > high).any():
            raise UnreadableMusic("bad_labels", f"{name} is out of range")
    for name in ("note", "instrument"):
        if (columns[name] % 1).any():
            raise UnreadableMusic("bad_labels", f"{name} is not a whole number")
    if (columns["start_beat"] < 0).any() or (columns["end_beat"] <= 0).any():
        raise UnreadableMusic("bad_labels", "a note starts before 0 or has no length")


def _tempo_qpm(onset_quarters: np.ndarray, start_samples: np.ndarray) -> float:
    """Mean tempo of the recording between its first and its last onset."""
    quarters = onset_quarters[-1] - onset_quarters[0]
    minutes = (start_samples[-1] - start_samples[0]) / SAMPLES_PER_SECOND / 60
    if quarters <= 0 or minutes <= 0:
        return 120.0
    return float(np.clip(quarters / minutes, 20, 400))
