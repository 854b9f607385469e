import numpy as np
import pytest
from datasets import make_dataset
from training.written_rolls import rolls_of

from musicgen.errors import BadInput
from musicgen.music.family import Family
from musicgen.preprocess.dataset import Dataset
from musicgen.representation.pianoroll import PITCHES, from_active_cells
from musicgen.training.rolls import Rolls


def test_rolls_are_the_table(tmp_path):
    dataset = Dataset.open(make_dataset(tmp_path, pieces=12))
    rolls = Rolls.read(dataset, "train")
    table = dataset.table("pianorolls", split="train").to_pylist()
    dense = rolls.dense(np.arange(len(rolls)))
    assert len(table) == len(rolls) > 8
    for row, roll, composer, ensemble in zip(
        table, dense, rolls.composer, rolls.ensemble, strict=True
    ):
        assert (roll == from_active_cells(np.array(row["cells"]))).all()
        assert dataset.composers[composer] == row["composer"]
        assert dataset.ensembles[ensemble] == row["ensemble"]


def test_no_roll_is_moved_beyond_its_edge():
    cells = np.array([PITCHES - 1, PITCHES - 3, 0, 40]) * 8  # B7 and B♭7 at the top, C1 below
    both = [np.array([0], np.int32)] * 2
    rolls = Rolls(cells.astype(np.int32), np.array([0, 2, 4]), *both, np.array([120.0] * 2))
    lowest, highest = rolls.shift_ranges()
    assert lowest.tolist() == [-5, 0]
    assert highest.tolist() == [0, 6]


def test_some_rolls_of_an_ensemble():
    tune = [(0, 64, 60, Family.STRINGS)]
    rolls = rolls_of([tune] * 9, [1, 2, 1, 1, 2, 1, 1, 1, 2])
    random = np.random.default_rng(0)
    assert rolls.some(2, 10, random).tolist() == [1, 4, 8]
    drawn = rolls.some(1, 4, random).tolist()
    assert drawn == sorted(set(drawn) - {1, 4, 8})
    assert len(drawn) == 4
    for all_music in (0, 3):
        assert rolls.some(all_music, 10, random).tolist() == list(range(9))


def test_a_dataset_without_rolls_is_refused(tmp_path):
    uri = make_dataset(tmp_path, pieces=5, bars=1)
    dataset = Dataset.open(uri)
    if len(dataset.table("pianorolls", split="valid")):
        pytest.fail("a single bar should make no excerpt that this test could use")
    with pytest.raises(BadInput, match="no valid excerpt of four bars"):
        Rolls.read(dataset, "valid")
