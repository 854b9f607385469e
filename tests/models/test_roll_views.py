import numpy as np
import pytest

from musicgen.models.roll_views import RollViews
from musicgen.music.tonality import TONAL_CENTROIDS
from musicgen.representation.pianoroll import SHAPE

pytestmark = pytest.mark.slow


def test_what_is_heard():
    """C4 struck and E5 held by strings, G4 struck by voices, a step after D4."""
    roll = np.zeros((1, *SHAPE), np.float32)
    for pitch, family, layer in ((60, 1, 0), (76, 1, 1), (67, 3, 0)):
        roll[0, 8, pitch - 24, family, layer] = 1
    roll[0, 6, 60 - 24, 1, 0] = roll[0, 7, 62 - 24, 1, 0] = 1
    heard = RollViews(8)(roll)[1].numpy()[0, 8]
    ends = np.cumsum([128, 12, 6, 12, 64])
    counts, classes, intervals, between, kept, moves = np.split(heard, ends)
    apart, both = np.split(between, 2)
    assert both.tolist() == [0, 0, 0, 0, 1, 0]  # strings and voices
    third, fifth = TONAL_CENTROIDS[[0, 4]].mean(0), TONAL_CENTROIDS[7]
    assert apart == pytest.approx(both * np.sqrt(((third - fifth) ** 2).sum() + 0.01), rel=1e-5)
    assert np.flatnonzero(kept).tolist() == [0, 2]
    counts = 2 * counts
    assert np.flatnonzero(classes).tolist() == [0, 4, 7]
    assert (2 * intervals).tolist() == [0, 0, 1, 1, 1, 0]
    assert (3 * kept)[[0, 2]].tolist() == [3, 1]  # all three sound now, C did two steps before
    sounding, struck = counts[:12], counts[12:24]
    assert np.flatnonzero(sounding).tolist() == [0, 4, 7]
    assert np.flatnonzero(struck).tolist() == [0, 7]
    strings = counts[24 + 24 : 24 + 48]
    assert strings[:12].sum() == 2
    assert strings[12:].sum() == 1
    assert np.flatnonzero(moves).tolist() == [12 - 5, 12 + 2]  # D lies 5 below G, 2 above C
    assert counts[120:].tolist() == [0, 0, 2, 1, 0, 0, 1, 1]
