from itertools import islice

import numpy as np
import pytest
from datasets import make_dataset

from musicgen.errors import BadInput
from musicgen.preprocess.dataset import Dataset
from musicgen.representation.vocabulary import END_OF_FRAME, PAD, SPECIAL_TOKENS
from musicgen.training.pieces import Pieces
from musicgen.training.token_windows import Windows

pytestmark = pytest.mark.slow

LENGTH = 50


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return Dataset.open(make_dataset(tmp_path_factory.mktemp("dataset"), pieces=7, bars=4))


@pytest.fixture(scope="module")
def windows(dataset):
    return Windows(Pieces.read(dataset, "train"), dataset.vocabulary, LENGTH)


def batches(windows, count=6, first_step=0, seed=1, unknown_share=0.1, shifted_steps=100):
    data = windows.train(8, seed, first_step, unknown_share, shifted_steps)
    return list(islice(data.as_numpy_iterator(), count))


def as_lists(batch):
    inputs, targets = batch
    return {name: value.tolist() for name, value in {**inputs, "targets": targets}.items()}


def test_a_batch_depends_on_seed_and_step_alone(windows):
    whole = [as_lists(b) for b in batches(windows)]
    assert [as_lists(b) for b in batches(windows, 2, first_step=4)] == whole[4:]
    assert as_lists(batches(windows, 1, seed=2)[0]) != whole[0]


def test_windows_are_the_pieces_transposed(windows):
    pieces, stride = windows.pieces, windows.vocabulary.stride
    known = {
        tuple(piece[i : i + LENGTH])
        for piece in np.split(pieces.tokens, pieces.bounds[1:-1])
        for i in range(len(piece))
    }
    keys = set()
    for inputs, targets in batches(windows, 20):
        for key, target in zip(inputs["transposition"], targets, strict=True):
            target = target[target != PAD]
            shift = (key - 6) * stride
            assert tuple(np.where(target >= SPECIAL_TOKENS, target - shift, target)) in known
            keys.add(int(key))
    assert keys == set(range(12))


def test_after_the_shifted_steps_all_is_in_its_own_key(windows):
    keys = [set(inputs["transposition"]) for inputs, _ in batches(windows, shifted_steps=4)]
    assert {6} not in keys[:4]
    assert keys[4:] == [{6}, {6}]


def test_the_token_before_is_the_target_before(windows):
    for inputs, targets in batches(windows):
        before, real = inputs["tokens_before"], targets[:, 1:] != PAD
        assert (before[:, 0] == END_OF_FRAME).all()  # windows begin with a frame
        assert (before[:, 1:][real] == targets[:, :-1][real]).all()


def test_positions_count_the_frames_of_the_bar(windows):
    for inputs, targets in batches(windows, 2):
        for position, target in zip(inputs["positions"], targets, strict=True):
            frames = np.cumsum(np.append(0, target[:-1] == END_OF_FRAME))
            real = target != PAD
            assert ((position[0] + frames - position) % 16 == 0)[real].all()


def test_labels_are_withheld_now_and_then(windows):
    found = {
        (bool(composer), bool(ensemble))
        for inputs, _ in batches(windows, 20)
        for composer, ensemble in zip(inputs["composer"], inputs["ensemble"], strict=True)
    }
    assert found == {(True, True), (True, False), (False, True), (False, False)}
    for inputs, _ in batches(windows, unknown_share=0.0):
        assert inputs["composer"].min() > 0
        assert inputs["ensemble"].min() > 0


def test_validation_predicts_every_token_once_in_order(dataset):
    pieces = Pieces.read(dataset, "valid")
    rows, last = [], None
    for inputs, targets in Windows(pieces, dataset.vocabulary, LENGTH).valid(3, 10**6):
        assert set(inputs["transposition"].numpy()) == {6}
        for before, target in zip(inputs["tokens_before"].numpy(), targets.numpy(), strict=True):
            real = target[target != PAD]
            assert before[0] in (END_OF_FRAME, last)
            last = real[-1]
            rows.append(real)
    assert np.concatenate(rows).tolist() == pieces.tokens.tolist()


def test_validation_can_be_thinned(dataset):
    windows = Windows(Pieces.read(dataset, "valid"), dataset.vocabulary, LENGTH)
    assert sum(len(targets) for _, targets in windows.valid(3, 5)) == 5


def test_an_empty_split_is_named(tmp_path, dataset):
    empty = Dataset(dataset.uri, {**dataset.document, "files": {}})
    with pytest.raises(BadInput, match="has no valid piece"):
        Pieces.read(empty, "valid")
