"""Frames of a piece that comes as piano rolls, one phrase after another."""

import numpy as np

from musicgen.generation.growing_piece import Frame
from musicgen.representation.pianoroll import LOW_PITCH, SHAPE


class RollFrames:
    """Follows the phrases of a piece; its frames are together the score of all phrases."""

    def __init__(self) -> None:
        self._frames = 0
        self._sounding = np.zeros(SHAPE[1:3], bool)

    def add(self, roll: np.ndarray) -> list[Frame]:
        """Return the frames of the next phrase, ``bool`` ``(steps, pitches, families, 2)``.

        As in ``from_roll``, a hold without a note before it begins one.
        """
        onsets, holds = roll[..., 0], roll[..., 1] & ~roll[..., 0]
        sounding = onsets | holds
        before = np.concatenate([self._sounding[None], sounding[:-1]])
        frames = [
            Frame(self._frames + step, _lines(onset | (hold & ~was)), _lines(hold & was))
            for step, (onset, hold, was) in enumerate(zip(onsets, holds, before, strict=True))
        ]
        self._frames += len(roll)
        self._sounding = sounding[-1]
        return frames


def _lines(cells: np.ndarray) -> tuple[tuple[int, int], ...]:
    """Return (pitch, family) of the set cells of ``(pitches, families)``."""
    return tuple((pitch + LOW_PITCH, family) for pitch, family in np.argwhere(cells).tolist())
