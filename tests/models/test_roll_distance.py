import numpy as np
import pytest

from musicgen.models.roll_distance import RollDistance
from musicgen.models.roll_histograms import SIZES, histograms
from musicgen.music.grid import GRID_NOTE, GridScore
from musicgen.representation.pianoroll import SHAPE, to_roll

pytestmark = pytest.mark.slow

# A C major triad of a half and two quarters C5, again in the second bar; then silence.
NOTES = [
    (16 * bar + onset, duration, pitch, 0)
    for bar in range(2)
    for onset, duration, pitch in [(0, 8, 60), (0, 8, 64), (0, 8, 67), (8, 4, 72), (12, 4, 72)]
]


def roll_of(notes):
    return to_roll(GridScore(np.array(sorted(notes), GRID_NOTE), 64))


@pytest.fixture(scope="module")
def counted():
    rolls = np.stack([roll_of(NOTES), np.zeros(SHAPE, bool)]).astype(np.float32)
    return {name: found.numpy().sum(0).tolist() for name, found in histograms(rolls).items()}


def at(size, **counts):
    return [counts.get(f"i{index}", 0) for index in range(size)]


def test_sizes(counted):
    assert {name: len(found) for name, found in counted.items()} == SIZES


def test_density_of_bars(counted):
    assert counted["density"] == at(14, i0=6, i3=2)  # six bars of none, two of 5 or 6


def test_polyphony_of_steps(counted):
    assert counted["polyphony"] == at(9, i0=96, i1=16, i3=16)


def test_intervals(counted):
    assert counted["intervals"] == [0, 0, 16, 16, 16, 0]  # C-E-G: minor and major third, fourth


def test_pitch_classes_of_bars(counted):
    assert counted["pitch_classes"] == at(13, i0=6, i3=2)


def test_tonality(counted):
    assert counted["tonality"] == [32, 16, 16, *[0] * 9]  # C, E and G, the most frequent first


def test_register(counted):
    octave_4, octave_5 = 3 * 4, 4 * 4  # the roll begins with C1; four families
    assert counted["register"] == at(28, **{f"i{octave_4}": 6, f"i{octave_5}": 4})


def test_lengths(counted):
    assert counted["lengths"] == at(9, i3=4, i5=6)  # four of 4 steps, six of 7 or 8


def test_onsets_in_the_bar(counted):
    assert counted["onsets"] == at(16, i0=6, i8=2, i12=2)


def test_melody(counted):
    moves_by_5 = 3  # G–C within the bars, C–G between them
    assert counted["melody"] == at(13, i0=31 - moves_by_5, i5=moves_by_5)


def test_motion(counted):
    """From beat to beat, eight of which sound: pitch classes, and those of them that go on."""
    kept, all_of_them = [3, 1, 1, 1, 3, 1, 1], [3, 1, 1, 3, 3, 1, 1]
    assert counted["motion"] == [4 * sum(kept), 4 * (sum(all_of_them) - sum(kept))]


def test_repetition(counted):
    assert counted["repetition"] == [5, 0]


def distances(real, made):
    metric = RollDistance(name="distance")
    for pair in zip(real, made, strict=True):
        metric.update_state(*(rolls.astype(np.float32) for rolls in pair))
    return {key: float(value) for key, value in metric.result().items()}


def test_distance():
    triads, silence = roll_of(NOTES)[None], np.zeros((1, *SHAPE), bool)
    high = roll_of([(onset, duration, 84, 1) for onset, duration, *_ in NOTES[2:5]])[None]
    same, none, other = (distances([triads], [made]) for made in (triads, silence, high))
    assert set(same) == {"distance", *(f"distance_{name}" for name in SIZES)}
    assert set(same.values()) == {0}
    assert other["distance_register"] == none["distance_lengths"] == 1
    assert other["distance_onsets"] == 1
    assert max(*other.values(), *none.values()) <= 1


def test_one_piece_over_and_over_is_far_from_many():
    """Two octaves, each half of the pieces, and one piece that has half of its notes in each."""
    low, high = ([(0, 4, pitch, 0), (8, 4, pitch, 0)] for pitch in (48, 72))
    real = np.stack([roll_of(low), roll_of(high)] * 2)
    both = np.stack([roll_of([low[0], high[1]])] * 4)
    # d is 1 between them, 0 inside the one, and 2 in 8 of the 12 pairs inside the other.
    assert distances([real], [both])["distance_register"] == pytest.approx(1 / 3)
    assert distances([real], [real])["distance_register"] < 0  # as if no pair were twice the same


def test_batches_add_up():
    rolls = np.random.default_rng(0).random((4, *SHAPE)) < 0.01
    once, twice = (distances([rolls[:2]] * n, [rolls[2:]] * n) for n in (1, 2))
    assert twice == pytest.approx(once)
