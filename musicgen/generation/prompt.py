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
_PACKED = np.dtype(
    [("onset_steps", "<u2"), ("duration_steps", "<u2"), ("pitch", "u1"), ("family", "u1")]
)
_HEAD = np.dtype([("bar_steps", "u1"), ("bars", "<u2")])
_MAX_BYTES = _HEAD.itemsize + MAX_NOTES * _PACKED.itemsize


def prompt_of(score: GridScore, bars: int) -> str:
    """Return the end of a score as text: at most so many whole bars of the metre it ends in.

    The last bar is filled with rest where the music stops within it, so that what follows begins
    on a downbeat.

    Raises:
        BadInput: nothing sounds there, or it holds more notes than can be gone on from.
    """
    bar_steps = _last_bar_steps(score)
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
    head = np.array([(bar_steps, bars)], _HEAD)
    packed = zlib.compress(head.tobytes() + notes.astype(_PACKED).tobytes(), 9)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


@lru_cache(maxsize=256)
def from_text(text: str) -> GridScore:
    """Read a score that ``to_text`` wrote.

    Raises:
        BadInput: it is no such text.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        packed = base64.b64decode(padded, b"-_", validate=True)
        inflate = zlib.decompressobj()
        data = inflate.decompress(packed, _MAX_BYTES)
        head = np.frombuffer(data, _HEAD, 1)[0]
        notes = np.frombuffer(data, _PACKED, offset=_HEAD.itemsize).astype(GRID_NOTE)
    except (binascii.Error, ValueError, zlib.error):
        raise BadInput("The music to go on from cannot be read.") from None
    bar_steps, bars = int(head["bar_steps"]), int(head["bars"])
    length = bar_steps * bars
    ends = notes["onset_steps"] + notes["duration_steps"]
    is_sound = (
        inflate.eof
        and 0 < length <= MAX_STEPS
        and bar_steps <= MAX_BAR_STEPS
        and len(notes) > 0
        and bool((ends <= length).all() and (notes["duration_steps"] > 0).all())
        and bool((notes["pitch"] < 128).all() and (notes["family"] < len(Family)).all())
        and np.array_equal(canonical(notes), notes)
    )
    if not is_sound:
        raise BadInput("The music to go on from cannot be read.")
    return GridScore(notes, length, np.arange(0, length, bar_steps, dtype=np.int32))


def _last_bar_steps(score: GridScore) -> int:
    """Return how long the bar is that a score ends in; the music may stop before its end."""
    starts = score.bar_starts_steps
    usual = 4 * score.steps_per_quarter
    steps = int(starts[-1] - starts[-2]) if len(starts) > 1 else max(usual, score.length_steps)
    return min(steps, MAX_BAR_STEPS)
