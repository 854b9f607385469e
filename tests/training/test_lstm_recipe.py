import numpy as np
import pytest
from datasets import placed_piece, small_piece, small_score, write_dataset

from musicgen.preprocess.dataset import Dataset
from musicgen.training.config import TrainingConfig
from musicgen.training.lstm_options import LstmOptions
from musicgen.training.lstm_recipe import LstmRecipe

pytestmark = pytest.mark.slow


def test_labels_that_no_training_piece_has_mean_unknown(tmp_path):
    """Bach trains; Haydn is met in the valid split alone."""
    splits = {0: "train", 2: "train", 1: "valid", 4: "valid", 3: "test"}
    placed = [
        placed_piece(small_piece(number), split, small_score(number, bars=2))
        for number, split in splits.items()
    ]
    dataset = Dataset.open(write_dataset(tmp_path, placed))
    unknown, bach, haydn = 0, *map(dataset.composers.index, ("Bach", "Haydn"))
    options = LstmOptions(units=4, layers=1, embedding_dim=4)
    recipe = LstmRecipe(dataset, TrainingConfig(batch_size=4), options, seed=0)
    rows = recipe.bundle_parts(recipe.build()).weights["composer_embedding"]
    np.testing.assert_array_equal(rows[haydn], rows[unknown])
    assert (rows[bach] != rows[unknown]).any()
    labels = {int(x) for inputs, _ in recipe.valid_data() for x in inputs["composer"]}
    assert labels == {unknown, bach}
