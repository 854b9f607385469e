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


@pytest.mark.parametrize(("transpose", "shifted"), [(True, 6), (False, 0)])
def test_training_ends_in_the_pieces_own_keys(half_met, transpose, shifted):
    config = TrainingConfig(epochs=4, steps_per_epoch=2, batch_size=32)
    options = LstmOptions(window_tokens=20, transpose=transpose, own_key_share=0.25)
    data = LstmRecipe(half_met, config, options, seed=0).train_data(0).take(config.total_steps)
    keys = [set(inputs["transposition"].numpy().tolist()) for inputs, _ in data]
    assert [each == {6} for each in keys] == [False] * shifted + [True] * (8 - shifted)
