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
    return {name: found.numpy().tolist() for name, found in histograms(rolls).items()}


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


def test_repetition_and_diversity(counted):
    assert counted["repetition"] == [5, 0]
    assert counted["diversity"] == [0, 64]


def test_distance():
    triads, silence = roll_of(NOTES)[None], np.zeros((1, *SHAPE), bool)
    high = roll_of([(onset, duration, 84, 1) for onset, duration, *_ in NOTES[2:5]])[None]
    found = {}
    for name, made in (("same", triads), ("silence", silence), ("high", high)):
        metric = RollDistance(name="distance")
        metric.update_state(triads.astype(np.float32), made.astype(np.float32))
        found[name] = {key: float(value) for key, value in metric.result().items()}
    assert set(found["same"]) == {"distance", *(f"distance_{name}" for name in SIZES)}
    assert max(found["same"].values()) == 0
    assert found["high"]["distance_register"] == 1
    assert 0 < found["high"]["distance"] < found["silence"]["distance"] <= 1
    assert found["silence"]["distance_lengths"] == 1


def test_batches_add_up():
    rolls = np.random.default_rng(0).random((4, *SHAPE)) < 0.01
    real, made = rolls[:2].astype(np.float32), rolls[2:].astype(np.float32)
    once, twice = RollDistance(name="distance"), RollDistance(name="distance")
    once.update_state(real, made)
    for index in range(2):
        twice.update_state(real[index : index + 1], made[index : index + 1])
    results = once.result(), twice.result()
    for name in SIZES.keys() - {"diversity"}:  # which compares pieces of one batch
        expected, found = (float(result[f"distance_{name}"]) for result in results)
        assert found == pytest.approx(expected, abs=1e-6)
