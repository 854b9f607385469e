"""Piano rolls as SVG: sharp at any size, a few kilobytes each."""

from musicgen.listening.palette import FAMILIES
from musicgen.music.family import Family
from musicgen.music.grid import GridScore

STEPS_PER_BAR = 16
STEP_WIDTH = 5
PITCH_HEIGHT = 3
FEWEST_PITCHES = 24
MARGIN_PITCHES = 2


def roll_svg(score: GridScore) -> str:
    """Draw a score in 4/4: time to the right, pitch upwards, families by colour, lines at bars.

    An element of class ``playhead`` stands at the left edge, for scripts to move.
    """
    low, high = _pitch_limits(score)
    width, height = score.length_steps * STEP_WIDTH, (high - low + 1) * PITCH_HEIGHT
    bars = "".join(
        f'<path class="bar" d="M{step * STEP_WIDTH} 0V{height}"/>'
        for step in range(STEPS_PER_BAR, score.length_steps, STEPS_PER_BAR)
    )
    notes = "".join(_note(*note, high) for note in score.notes.tolist())
    return (
        f'<svg class="roll" viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img" '
        f'aria-label="Piano roll of {len(score.notes)} notes">'
        f'{bars}{notes}<path class="playhead" d="M0 0V{height}"/></svg>'
    )


def _note(onset: int, duration: int, pitch: int, family: int, high: int) -> str:
    x, y = onset * STEP_WIDTH, (high - pitch) * PITCH_HEIGHT
    width = duration * STEP_WIDTH - 1
    colour = FAMILIES[Family(family)]
    return f'<rect x="{x}" y="{y}" width="{width}" height="{PITCH_HEIGHT}" fill="{colour}"/>'


def _pitch_limits(score: GridScore) -> tuple[int, int]:
    """Return the lowest and highest pitch to draw: all notes, and two octaves at least."""
    pitches = score.notes["pitch"]
    low, high = (int(pitches.min()), int(pitches.max())) if len(pitches) else (60, 60)
    spare = max(FEWEST_PITCHES - (high - low), 0) // 2 + MARGIN_PITCHES
    return max(low - spare, 0), min(high + spare, 127)
