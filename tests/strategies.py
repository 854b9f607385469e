"""Hypothesis strategies for music."""

import numpy as np
from hypothesis import strategies as st

from musicgen.music.grid import GRID_NOTE, GridScore, canonical


@st.composite
def grid_scores(draw, low_pitch=21, high_pitch=108, max_steps=64, max_notes=40):
    """Draw canonical grid scores whose length holds all their notes."""
    note = st.tuples(
        st.integers(0, max_steps - 1),
        st.integers(1, 16),
        st.integers(low_pitch, high_pitch),
        st.integers(0, 3),
    )
    notes = canonical(np.array(draw(st.lists(note, max_size=max_notes)), GRID_NOTE))
    end = int((notes["onset_steps"] + notes["duration_steps"]).max(initial=0))
    return GridScore(notes, end + draw(st.integers(0, 8)))
