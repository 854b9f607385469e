"""Instruments: which General MIDI programs play in a piece, and what they can play."""

import numpy as np

PART = np.dtype(
    [
        ("program", "u1"),
        ("notes", "i4"),
        ("lowest_pitch", "u1"),
        ("highest_pitch", "u1"),
        ("notes_out_of_range", "i4"),
    ]
)
"""What one instrument plays in a piece; ``program`` is General MIDI, counted from 0."""

RANGES: dict[int, tuple[int, int]] = {
    6: (29, 89),  # harpsichord: F1 to F6
    40: (55, 105),  # violin: G3 to the highest harmonics
    41: (48, 93),  # viola: C3
    42: (36, 88),  # cello: C2
    43: (24, 67),  # double bass, sounding: C1 with extension
    46: (23, 104),  # harp
    52: (34, 89),  # voices: an oktavist's B flat 1 to the Queen of the Night's F6
    53: (34, 89),
    54: (34, 89),
    56: (52, 88),  # trumpet
    57: (28, 77),  # trombone: pedal notes to F5
    58: (24, 65),  # tuba
    60: (29, 82),  # horn: F1 to B flat 5
    68: (58, 93),  # oboe: B flat 3
    69: (52, 86),  # English horn: E3
    70: (34, 77),  # bassoon: B flat 1
    71: (49, 96),  # clarinet in A: C sharp 3
    72: (74, 108),  # piccolo: D5
    73: (59, 98),  # flute: B3
    74: (60, 98),  # recorder
}
"""Lowest and highest sounding pitch by program; programs that are not here play any pitch."""


def parts(programs: np.ndarray, pitches: np.ndarray) -> np.ndarray:
    """Return one row of ``PART`` for each program that plays, by ascending program.

    Args:
        programs: General MIDI program, 0–127, of each note.
        pitches: MIDI pitch of each note.
    """
    return np.array([_part(p, pitches[programs == p]) for p in np.unique(programs).tolist()], PART)


def _part(program: int, pitches: np.ndarray) -> tuple[int, int, int, int, int]:
    low, high = RANGES.get(program, (0, 127))
    outside = int(((pitches < low) | (pitches > high)).sum())
    return program, len(pitches), int(pitches.min()), int(pitches.max()), outside
