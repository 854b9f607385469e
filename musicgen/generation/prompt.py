"""Music to go on from, as a short text that an id can hold."""

import base64
import binascii
import zlib
from functools import lru_cache

import numpy as np

from musicgen.errors import BadInput
from musicgen.music.family import Family
from musicgen.music.grid import GRID_NOTE, STEPS_PER_QUARTER, GridScore, canonical
from musicgen.music.notation import time_signature
from musicgen.music.score import Metre

MAX_NOTES = 2048
MAX_STEPS = 1024
MAX_BAR_STEPS = 64
_HEAD = np.dtype([("bar_steps", "u1"), ("bars", "<u2"), ("notes", "<u2")])
_MAX_BYTES = _HEAD.itemsize + 6 * MAX_NOTES + 1
_BEAT_TYPES = (1, 2, 4, 8, 16, 32, 64)


def prompt_of(score: GridScore, bars: int) -> str:
    """Return the end of a score as text: at most so many whole bars of the metre it ends in.

    The last bar is filled with rest where the music stops within it, so that what follows begins
    on a downbeat.

    Raises:
        BadInput: nothing sounds there, or it holds more notes than can be gone on from.
    """
    bar_steps = min(score.last_bar_steps, MAX_BAR_STEPS)
    first = int(score.bar_starts_steps[-1]) if len(score.bar_starts_steps) else 0
    end = first + -(-(score.length_steps - first) // bar_steps) * bar_steps
    bars = max(1, min(bars, MAX_STEPS // bar_steps, -(-end // bar_steps)))
    start = max(0, end - bars * bar_steps)
    notes = score.window(start, end - start).notes.copy()
    # Before a pickup, or a change of metre, there is rest: notes keep their distance from the end.
    notes["onset_steps"] += bars * bar_steps - (end - start)
    if not len(notes):
        raise BadInput(f"Nothing sounds in the last {bars} bars: send music that ends there.")
    if len(notes) > MAX_NOTES:
        raise BadInput(
            f"The last {bars} bars hold {len(notes)} notes, at most {MAX_NOTES} can be gone on "
            "from: ask for fewer context_bars."
        )
    written = score.metres[-1] if score.metres else None
    fills = written and written.bar_beats * score.steps_per_quarter == bar_steps
    return to_text(notes, bars, bar_steps, written.denominator if fills else None)


def to_text(notes: np.ndarray, bars: int, bar_steps: int, beat_type: int | None = None) -> str:
    """Return notes in bars of equal length as URL-safe text; ``from_text`` undoes it.

    The lower figure of the time signature is kept where the length alone says another, as in 6/8.
    """
    head = np.array([(bar_steps, bars, len(notes))], _HEAD)
    columns = (
        np.diff(notes["onset_steps"], prepend=0).astype("<u2"),
        notes["duration_steps"].astype("<u2"),
        notes["pitch"],
        notes["family"],
    )
    data = b"".join(column.tobytes() for column in (head, *columns))
    if beat_type and _metre(bar_steps, beat_type):
        data += bytes([beat_type])
    packed = zlib.compress(data, 9)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


@lru_cache(maxsize=256)
def from_text(text: str) -> GridScore:
    """Read a score that ``to_text`` wrote.

    Raises:
        BadInput: it is no such text.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        inflate = zlib.decompressobj()
        data = inflate.decompress(base64.b64decode(padded, b"-_", validate=True), _MAX_BYTES)
        bar_steps, bars, count = np.frombuffer(data, _HEAD, 1)[0].tolist()
        columns_end = _HEAD.itemsize + 6 * count
        notes = _unpacked(data[_HEAD.itemsize : columns_end], count)
        metres = tuple(_metre(bar_steps, beat_type) for beat_type in data[columns_end:])
    except (binascii.Error, ValueError, zlib.error):
        raise BadInput("The music to go on from cannot be read.") from None
    length = bar_steps * bars
    ends = notes["onset_steps"] + notes["duration_steps"]
    is_music = (
        inflate.eof
        and len(metres) <= 1
        and all(metres)
        and 0 < length <= MAX_STEPS
        and bar_steps <= MAX_BAR_STEPS
        and count > 0
        and bool((ends <= length).all() and (notes["duration_steps"] > 0).all())
        and bool((notes["pitch"] < 128).all() and (notes["family"] < len(Family)).all())
        and np.array_equal(canonical(notes), notes)
    )
    if not is_music:
        raise BadInput("The music to go on from cannot be read.")
    starts = np.arange(0, length, bar_steps, dtype=np.int32)
    return GridScore(notes, length, starts, metres=metres)


def _metre(bar_steps: int, beat_type: int) -> Metre | None:
    """Return the metre of bars with a lower figure that their length does not say, if it fits."""
    beats, rest = divmod(bar_steps * beat_type, 4 * STEPS_PER_QUARTER)
    is_usual = beat_type == time_signature(bar_steps, STEPS_PER_QUARTER)[1]
    if beat_type not in _BEAT_TYPES or rest or not beats or is_usual:
        return None
    return Metre(0.0, beats, beat_type)


def _unpacked(data: bytes, count: int) -> np.ndarray:
    """Return the notes of ``count`` rows in columns; raises ValueError if these are not there."""
    if len(data) != 6 * count:
        raise ValueError("columns of another length")
    notes = np.empty(count, GRID_NOTE)
    notes["onset_steps"] = np.cumsum(np.frombuffer(data, "<u2", count))
    notes["duration_steps"] = np.frombuffer(data, "<u2", count, 2 * count)
    notes["pitch"] = np.frombuffer(data, "u1", count, 4 * count)
    notes["family"] = np.frombuffer(data, "u1", count, 5 * count)
    return notes
