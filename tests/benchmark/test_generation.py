import pytest

from musicgen.benchmark.fresh_bundle import fresh_lstm
from musicgen.benchmark.generation import generation_speed
from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.generation.engine import load_engine
from musicgen.generation.request import Request


def test_a_fresh_model_plays_and_is_always_the_same():
    first, second = fresh_lstm(8, 1, 8), fresh_lstm(8, 1, 8)
    assert all((second.weights[name] == array).all() for name, array in first.weights.items())
    score = load_engine(first).generate([Request(seed=1, bars=1)])[0]
    assert score.length_steps == 16


@pytest.mark.slow
def test_what_keras_and_the_engine_play(tmp_path):
    fresh_lstm(8, 1, 8).save(tmp_path.as_uri())
    found = generation_speed(tmp_path.as_uri())
    assert (found.units, found.layers) == (8, 1)
    assert not found.tensorflow_imported
    assert found.times_real_time == pytest.approx(found.engine_tokens_per_second / 20, abs=0.06)
    assert min(value for value in vars(found).values() if isinstance(value, float)) > 0


def test_only_an_lstm_is_measured(tmp_path):
    Bundle("gan", {"latent_dim": 8}, {}).save(tmp_path.as_uri())
    with pytest.raises(BadInput, match="give the bundle of an LSTM"):
        generation_speed(tmp_path.as_uri())
