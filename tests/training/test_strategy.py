"""Two replicas learn what one device learns."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from datasets import make_dataset

pytestmark = pytest.mark.slow

# A process of its own: the number of logical devices is fixed once TensorFlow runs.
SCRIPT = """
import json, sys
import keras
import tensorflow as tf
from musicgen.preprocess.dataset import Dataset
from musicgen.training.config import TrainingConfig
from musicgen.training.lstm_options import LstmOptions
from musicgen.training.lstm_recipe import LstmRecipe

devices = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], devices)
config = TrainingConfig(batch_size=8, learning_rate=0.01)
options = LstmOptions(
    units=8, embedding_dim=8, window_tokens=32, valid_window_tokens=64,
    embedding_dropout=0.0, hidden_dropout=0.0, averaging=0.9,
)
recipe = LstmRecipe(Dataset.open(sys.argv[1]), config, options, seed=0)
for strategy in (
    tf.distribute.get_strategy(), tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
):
    keras.utils.set_random_seed(0)
    with strategy.scope():
        model = recipe.build()
    history = model.fit(
        recipe.train_data(0), validation_data=recipe.valid_data(),
        steps_per_epoch=4, epochs=2, verbose=0, shuffle=False,
    )
    print(json.dumps(history.history))
"""


def test_replicas_share_the_mean(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, make_dataset(tmp_path, pieces=6, bars=2)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    one, two = (json.loads(line) for line in done.stdout.splitlines()[-2:])
    assert one["loss"][1] < one["loss"][0]
    for name, values in one.items():
        np.testing.assert_allclose(two[name], values, rtol=1e-3, err_msg=name)
