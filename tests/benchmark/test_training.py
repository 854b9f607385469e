from pathlib import Path

import pytest

from musicgen.benchmark.training import training_speed
from musicgen.errors import MusicgenError

pytestmark = pytest.mark.slow


def test_layers_are_timed_and_an_environment_without_torch_is_named(tmp_path):
    found = training_speed(8, 1, None)
    assert found.stock_keras > 0
    assert found.ours_to_stock == pytest.approx(found.ours / found.stock_keras, abs=0.01)
    assert found.torch is found.ours_to_torch is None


def test_a_python_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr("musicgen.benchmark.training.STEPS", 4)
    with pytest.raises(MusicgenError, match="/no/python cannot be run"):
        training_speed(8, 1, Path("/no/python"))
