from pathlib import Path

import pytest

from musicgen.benchmark.training import _more, training_speed
from musicgen.errors import MusicgenError

pytestmark = pytest.mark.slow


def test_layers_and_job_are_timed_where_no_torch_is_named(monkeypatch):
    monkeypatch.setattr("musicgen.benchmark.training.EPOCHS", 2)
    monkeypatch.setattr("musicgen.benchmark.training.STEPS_PER_EPOCH", 2)
    monkeypatch.setattr("musicgen.benchmark.training.STEPS", 16)
    found = training_speed(8, 1, None)
    assert found.stock_keras > 0
    assert found.stock_keras_by_the_clock > 0
    assert found.ours_to_stock == pytest.approx(found.ours / found.stock_keras, abs=0.01)
    assert found.torch is found.ours_to_torch is found.torch_by_the_clock is None
    assert found.job_total > 0
    assert found.bare_total > 0


def test_the_job_is_weighed_against_bare_fit():
    assert _more({"x": 3}, {"x": 2}, "x") == 50
    assert _more({"x": 1}, {"x": 2}, "x") == -50


def test_a_python_that_is_not_there_is_named():
    with pytest.raises(MusicgenError, match="/no/python cannot be run"):
        training_speed(8, 1, Path("/no/python"))
