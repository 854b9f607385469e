"""Names for scores by their notes, to find recordings of the same one."""

import hashlib

import numpy as np

from musicgen.music.grid import GridScore


def fingerprint(score: GridScore) -> str:
    """Return 32 hexadecimal digits that two pieces share if their quantized notes are the same.

    Rests before the first note, tempo and metre do not count; transposition does.
    """
    notes = score.notes
    columns = np.stack(
        [notes["onset_steps"], notes["duration_steps"], notes["pitch"], notes["family"]], axis=1
    ).astype("<i4")
    if len(columns):
        columns[:, 0] -= columns[0, 0]
    return hashlib.sha256(columns.tobytes()).hexdigest()[:32]
