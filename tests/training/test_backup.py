import keras
import numpy as np
import pytest

from musicgen.training.backup import resumable
from musicgen.training.backup_state import BackupState

pytestmark = pytest.mark.slow


def test_code_without_a_name_goes_on_with_its_like_alone(tmp_path, caplog):
    caplog.set_level("INFO")
    uri = tmp_path.as_uri()
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    optimizer = keras.optimizers.SGD(momentum=0.9)
    optimizer.build(model.trainable_variables)
    arrays = {f"model/{i}": v.numpy() for i, v in enumerate(model.variables)}
    arrays |= {f"optimizer/0/{i}": np.asarray(v) for i, v in enumerate(optimizer.variables)}
    BackupState("unknown", 1, False, 1.0, {}, [], arrays).save(uri)
    assert resumable(uri, "unknown", model, [optimizer]).epochs_done == 1
    wider = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4)])
    assert resumable(uri, "unknown", wider, [optimizer]) is None
    assert f"Code for another model left {uri}" in caplog.text
