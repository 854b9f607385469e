"""Music to go on from, as a short text that an id can hold."""

import base64
import binascii
import zlib
from functools import lru_cache

import numpy as np

from musicgen.errors import BadInput
from musicgen.music.family import Family
from musicgen.music.grid import GRID_NOTE, GridScore, canonical

MAX_NOTES = 2048
MAX_STEPS = 1024
MAX_BAR_STEPS = 64
_HEAD = np.dtype([("bar_steps", "u1"), ("bars", "<u2"), ("notes", "<u2")])
_MAX_BYTES = _HEAD.itemsize + 6 * MAX_NOTES


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
    return to_text(notes, bars, bar_steps)


def to_text(notes: np.ndarray, bars: int, bar_steps: int) -> str:
    """Return notes in bars of equal length as URL-safe text; ``from_text`` undoes it."""
    head = np.array([(bar_steps, bars, len(notes))], _HEAD)
    columns = (
        np.diff(notes["onset_steps"], prepend=0).astype("<u2"),
        notes["duration_steps"].astype("<u2"),
        notes["pitch"],
        notes["family"],
    )
    packed = zlib.compress(b"".join(column.tobytes() for column in (head, *columns)), 9)
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
        notes = _unpacked(data[_HEAD.itemsize :], count)
    except (binascii.Error, ValueError, zlib.error):
        raise BadInput("The music to go on from cannot be read.") from None
    length = bar_steps * bars
    ends = notes["onset_steps"] + notes["duration_steps"]
    is_music = (
        inflate.eof
        and 0 < length <= MAX_STEPS
        and bar_steps <= MAX_BAR_STEPS
        and count > 0
        and bool((ends <= length).all() and (notes["duration_steps"] > 0).all())
        and bool((notes["pitch"] < 128).all() and (notes["family"] < len(Family)).all())
        and np.array_equal(canonical(notes), notes)
    )
    if not is_music:
        raise BadInput("The music to go on from cannot be read.")
    return GridScore(notes, length, np.arange(0, length, bar_steps, dtype=np.int32))


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
