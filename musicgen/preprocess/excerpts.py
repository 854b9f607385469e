"""Which four bars of a piece become piano rolls."""

import numpy as np

from musicgen.music.grid import GridScore
from musicgen.representation.pianoroll import LOW_PITCH, PITCHES, STEPS, STEPS_PER_BAR

_BAR_PATTERNS = (
    np.arange(0, STEPS, STEPS_PER_BAR),  # four bars of 16 steps: 4/4
    np.arange(0, STEPS, STEPS_PER_BAR // 2),  # eight bars of 8 steps: 2/4
)


def excerpt_starts(score: GridScore, hop_bars: int, min_notes: int) -> list[int]:
    """Return the first steps of the windows of four 16-step bars, at least ``hop_bars`` apart.

    A window begins with a bar, and its bars are all of 16 steps or all of 8; the last one may be
    cut short by the end of the piece. ``min_notes`` notes at least must begin in it, of those
    whose pitches a roll holds.
    """
    bars = score.bar_starts_steps
    if not len(bars):
        bars = np.arange(0, score.length_steps, STEPS_PER_BAR, dtype=np.int32)
    edges = np.append(bars, score.length_steps)
    rows = score.notes["pitch"].astype(np.int32) - LOW_PITCH
    onsets = score.notes["onset_steps"][(rows >= 0) & (rows < PITCHES)]
    starts: list[int] = []
    for start in bars.tolist():
        if starts and start < starts[-1] + hop_bars * STEPS_PER_BAR:
            continue
        first, last = np.searchsorted(onsets, (start, start + STEPS))
        if last - first >= min_notes and _is_even(edges, start):
            starts.append(start)
    return starts


def _is_even(edges: np.ndarray, start_steps: int) -> bool:
    """Whether bars of 16 or of 8 steps fill the window; ``edges`` are bar starts and the end."""
    first, last = np.searchsorted(edges[:-1], (start_steps, start_steps + STEPS))
    inside = edges[first:last] - start_steps
    closed = edges[last] <= start_steps + STEPS
    return closed and any(np.array_equal(inside, pattern) for pattern in _BAR_PATTERNS)
