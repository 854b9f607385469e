import numpy as np
import pytest

from musicgen.training.config import TrainingConfig
from musicgen.training.lstm_options import LstmOptions
from musicgen.training.lstm_recipe import LstmRecipe

pytestmark = pytest.mark.slow


def test_labels_that_no_training_piece_has_mean_unknown(half_met):
    unknown, bach, haydn = 0, *map(half_met.composers.index, ("Bach", "Haydn"))
    options = LstmOptions(units=4, layers=1, embedding_dim=4)
    recipe = LstmRecipe(half_met, TrainingConfig(batch_size=4), options, seed=0)
    rows = recipe.bundle_parts(recipe.build()).weights["composer_embedding"]
    np.testing.assert_array_equal(rows[haydn], rows[unknown])
    assert (rows[bach] != rows[unknown]).any()
    labels = {int(x) for inputs, _ in recipe.valid_data() for x in inputs["composer"]}
    assert labels == {unknown, bach}
