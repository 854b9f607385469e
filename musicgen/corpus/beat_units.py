"""The beats that MusicNet's labels count in, which are not always quarter notes.

Their unit is the lower figure of the time signature that holds at the moment: an eighth note is
0.5 long in 4/4, 1.0 in 6/8 and 0.25 in 2/2. The files hold no time signatures, but they name the
value of every note, ``Dotted Eighth`` say, and that tells the unit.

Found by comparing the 100 label files of MusicNet whose MIDI was at hand: read so, 96 have their
onsets where the MIDI has them; the other four, whose metre changes for a bar or less, drift by
some beats.
"""

import numpy as np

_DOTTED, _TRIPLET = 3 / 2, 2 / 3
QUARTERS_OF_NOTE_VALUE = {
    "Whole": 4.0,
    "Dotted Half": 2 * _DOTTED,
    "Half": 2.0,
    "Dotted Quarter": _DOTTED,
    "Tied Quarter-Sixteenth": 1.25,
    "Tied Quarter-Thirty Second": 1.125,
    "Quarter": 1.0,
    "Dotted Eighth": _DOTTED / 2,
    "Eighth": 1 / 2,
    "Triplet": _TRIPLET / 2,
    "Dotted Sixteenth": _DOTTED / 4,
    "Sixteenth": 1 / 4,
    "Triplet Sixteenth": _TRIPLET / 4,
    "Thirty Second": 1 / 8,
    "Triplet Thirty Second": _TRIPLET / 8,
    "Sixty Fourth": 1 / 16,
    "Triplet Sixty Fourth": _TRIPLET / 16,
}
"""Nominal lengths. ``Unknown``, for what is longer or shorter, tells nothing."""

_UNITS = np.array([4.0, 2.0, 1.0, 0.5, 0.25])
"""Beat units in quarter notes that a time signature may have: from whole notes to sixteenths."""

_CHANGE_COST = 4.0
"""Notes that must speak for another unit before a change is believed; single notes do err."""


def beat_units(starts: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """Find the beat unit in quarter notes at each note: the likeliest path, by Viterbi.

    Args:
        starts: ascending onsets in beats.
        ratios: nominal length in quarters over length in beats; NaN tells nothing. Notes are
            played longer or shorter than written, but hardly ever by a factor of √2.
    """
    _, groups = np.unique(starts, return_inverse=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        against = np.rint(np.log2(ratios))[:, None] != np.log2(_UNITS)
    against[np.isnan(ratios)] = False
    costs = np.zeros((groups.max() + 1, len(_UNITS)))
    np.add.at(costs, groups, against)
    came_from = np.zeros(costs.shape, np.intp)
    total = costs[0]
    for index in range(1, len(costs)):
        cheapest = int(total.argmin())
        stays = total <= total[cheapest] + _CHANGE_COST
        came_from[index] = np.where(stays, np.arange(len(_UNITS)), cheapest)
        total = np.where(stays, total, total[cheapest] + _CHANGE_COST) + costs[index]
    path = np.empty(len(costs), np.intp)
    path[-1] = total.argmin()
    for index in range(len(costs) - 1, 0, -1):
        path[index - 1] = came_from[index, path[index]]
    return _UNITS[path][groups]


def in_quarters(starts: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Add up the time between onsets, each stretch in the unit that holds at its beginning."""
    steps = np.diff(starts) * units[:-1]
    return starts[0] * units[0] + np.concatenate([[0.0], np.cumsum(steps)])
