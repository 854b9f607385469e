import gzip
import json

import pytest

from musicgen.benchmark.frames import frames_dataset, read_frames
from musicgen.errors import BadInput
from musicgen.preprocess.dataset import Dataset

SPLITS = {"train": [[[60, 64], []]], "valid": [[[62]]], "test": [[[64, 60], [67]]]}


def written(tmp_path, document):
    path = tmp_path / "x.json.gz"
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
    return path


def test_frames_become_tokens_with_empty_frames_counted(tmp_path):
    uri = frames_dataset(read_frames(written(tmp_path, SPLITS)), "x", tmp_path.as_uri())
    dataset = Dataset.open(uri)
    train = dataset.table("sequences", split="train").to_pylist()[0]
    # 2 + (60 - 21) = 41 is C4, 45 is E4, 1 ends a frame.
    assert train["tokens"] == [41, 45, 1, 1]
    assert train["positions"] == [0, 0, 0, 1]
    test = dataset.table("sequences", split="test").to_pylist()[0]
    assert test["tokens"] == [41, 45, 1, 48, 1]
    assert test["frames"] == 2


def test_same_frames_are_found_again(tmp_path):
    first = frames_dataset(SPLITS, "x", tmp_path.as_uri())
    assert frames_dataset(SPLITS, "x", tmp_path.as_uri()) == first


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"train": [], "valid": [], "test": []},
        {**SPLITS, "test": [[[300]]]},
        {**SPLITS, "test": [[[60.5]]]},
        {**SPLITS, "test": [[60]]},
        {"train": SPLITS["train"]},
    ],
)
def test_other_forms_are_refused(tmp_path, document):
    with pytest.raises(BadInput, match="not of the form"):
        read_frames(written(tmp_path, document))


def test_broken_files_are_refused(tmp_path):
    path = tmp_path / "x.json.gz"
    with pytest.raises(BadInput, match="does not exist"):
        read_frames(path)
    damaged = bytearray(gzip.compress(json.dumps(list(range(1000))).encode()))
    damaged[20:30] = bytes(10)
    for data in (b"\x1f\x8bnot gzip", bytes(damaged), gzip.compress(b"[" * 200_000)):
        path.write_bytes(data)
        with pytest.raises(BadInput, match="cannot be read"):
            read_frames(path)
