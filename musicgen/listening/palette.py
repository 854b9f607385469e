"""Colours that colour-blind eyes tell apart (M. Okabe, K. Ito, 2008)."""

from musicgen.music.family import Family

REAL = "#555555"
CONTROL = "#999999"
CANDIDATES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
FAMILIES = {
    Family.KEYBOARD: "#0072B2",
    Family.STRINGS: "#D55E00",
    Family.WINDS: "#009E73",
    Family.VOICES: "#CC79A7",
}


def candidate_colour(index: int) -> str:
    """Return the colour of the index-th candidate."""
    return CANDIDATES[index % len(CANDIDATES)]
