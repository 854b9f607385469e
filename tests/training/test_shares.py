from datasets import make_dataset

from musicgen.preprocess.dataset import Dataset
from musicgen.training.shares import shares


def test_shares_are_of_the_frames_that_train(tmp_path):
    dataset = Dataset.open(make_dataset(tmp_path, pieces=12, bars=2))
    found = shares(dataset)
    pieces = dataset.table("pieces", split="train").to_pylist()
    haydn = sum(piece["frames"] for piece in pieces if piece["composer"] == "Haydn")
    assert found["composers"]["Haydn"] == round(haydn / sum(p["frames"] for p in pieces), 4)
    assert sum(found["composers"].values()) == sum(found["ensembles"].values()) == 1
