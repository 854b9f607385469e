from dataclasses import replace

import numpy as np
import pytest
from datasets import make_dataset

from musicgen.preprocess.dataset import Dataset
from musicgen.training.roll_batches import RollBatches
from musicgen.training.rolls import Rolls

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return Dataset.open(make_dataset(tmp_path_factory.mktemp("dataset"), pieces=12))


@pytest.fixture(scope="module")
def rolls(dataset):
    return Rolls.read(dataset, "train")


@pytest.fixture(scope="module")
def batches(rolls):
    return RollBatches(rolls, batch_size=8, latent_dim=16, seed=5)


def arrays(data, count):
    return [{k: v.numpy() for k, v in batch.items()} for batch in data.take(count)]


def test_batches_are_rolls_as_they_are(rolls, batches):
    (batch,) = arrays(batches.train(0, unknown_share=0.0, transpose=False), 1)
    known = {roll.tobytes(): i for i, roll in enumerate(rolls.dense(np.arange(len(rolls))))}
    rows = [known[roll.astype(bool).tobytes()] for roll in batch["roll"]]
    assert batch["composer"].tolist() == rolls.composer[rows].tolist()
    assert batch["ensemble"].tolist() == rolls.ensemble[rows].tolist()
    assert batch["latent"].shape == (8, 16)
    assert len(set(rows)) > 2


def test_a_batch_depends_on_its_number_alone(batches):
    from_start = arrays(batches.train(0, 0.2, True), 4)
    from_third = arrays(batches.train(2, 0.2, True), 2)
    for expected, found in zip(from_start[2:], from_third, strict=True):
        for name in expected:
            np.testing.assert_array_equal(found[name], expected[name])
    assert (from_start[0]["latent"] != from_start[1]["latent"]).all()


def test_transposed_rolls_lose_nothing(rolls, batches):
    """Each is a roll of the table moved by −5 to 6 semitones, and not all by as many."""
    dense = rolls.dense(np.arange(len(rolls)))
    shifts = set()
    for batch in arrays(batches.train(0, 0.0, True), 4):
        for roll in batch["roll"].astype(bool):
            matches = [
                shift
                for shift in range(-5, 7)
                if (np.roll(roll, -shift, 1) == dense).all((1, 2, 3, 4)).any()
            ]
            assert matches
            shifts.update(matches)
    assert len(shifts) > 6


def test_some_labels_are_hidden(batches):
    data = arrays(batches.train(0, unknown_share=0.5, transpose=False), 20)
    for name in ("composer", "ensemble"):
        hidden = np.concatenate([batch[name] for batch in data]) == 0
        assert 0.35 < hidden.mean() < 0.65


def test_valid_batches_are_the_same_each_time(dataset):
    rolls = Rolls.read(dataset, "valid")
    data = RollBatches(rolls, 4, 16, seed=1).valid(most=1000)
    first, second = arrays(data, 100), arrays(data, 100)
    assert len(first) == max(len(rolls) // 4, 1)
    for one, other in zip(first, second, strict=True):
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])


def test_a_small_split_still_fills_a_batch(dataset):
    rolls = Rolls.read(dataset, "valid")
    (batch,) = arrays(RollBatches(rolls, 64, 16, seed=1).valid(most=1000), 100)
    assert batch["roll"].shape[0] == 64


def test_rare_ensembles_are_drawn_more_often(rolls):
    """One roll of an ensemble that no other has: from its share of the rolls to half of all."""
    alone = replace(rolls, ensemble=np.arange(len(rolls), dtype=np.int32).clip(max=1) ^ 1)
    others = len(rolls) - 1
    assert alone.shares(0.0) == pytest.approx(np.full(len(rolls), 1 / len(rolls)))
    assert alone.shares(0.5)[0] == pytest.approx(1 / (1 + others**0.5))
    assert alone.shares(1.0) == pytest.approx([0.5, *[0.5 / others] * others])
    drawn = arrays(RollBatches(alone, 8, 16, seed=5).train(0, 0.0, False, balance=1.0), 20)
    assert 0.4 < np.mean([batch["ensemble"] for batch in drawn]) < 0.6
