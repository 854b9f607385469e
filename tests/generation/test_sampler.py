import numpy as np
import pytest

from musicgen.generation.request import Request
from musicgen.generation.sampler import Sampler

LOGITS = np.log(np.array([0.5, 0.3, 0.15, 0.05], np.float32))
ALL = np.ones(4, bool)


def _shares(allowed=ALL, draws=20_000, **parameters) -> np.ndarray:
    """How often each token is drawn from evenly spread uniforms: exact up to 1 / draws."""
    sampler = Sampler.of([Request(0, **parameters)] * draws, 4, 1.0)
    uniforms = ((np.arange(draws) + 0.5) / draws).astype(np.float32)
    logits, masks = np.tile(LOGITS, (draws, 1)), np.tile(allowed, (draws, 1))
    return np.bincount(sampler.draw(logits, masks, uniforms), minlength=4) / draws


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"top_p": 1.0}, [0.5, 0.3, 0.15, 0.05]),
        ({"top_p": 1.0, "temperature": 0.5}, np.array([25, 9, 2.25, 0.25]) / 36.5),
        ({"top_p": 0.8}, [5 / 8, 3 / 8, 0, 0]),
        ({"top_p": 0.81}, np.array([50, 30, 15, 0]) / 95),
        ({"top_p": 0.01}, [1, 0, 0, 0]),
        ({"top_p": 1.0, "top_k": 1}, [1, 0, 0, 0]),
        ({"top_p": 1.0, "top_k": 3}, np.array([50, 30, 15, 0]) / 95),
        ({"top_p": 0.7, "top_k": 3}, [5 / 8, 3 / 8, 0, 0]),
        ({"top_p": 1.0, "top_k": 99}, [0.5, 0.3, 0.15, 0.05]),
        ({"top_p": 1.0, "temperature": 0}, [1, 0, 0, 0]),
        ({"top_p": 1.0, "temperature": 1e-30}, [1, 0, 0, 0]),
    ],
)
def test_shares(parameters, expected):
    np.testing.assert_allclose(_shares(**parameters), expected, atol=1e-3)


def test_what_the_grammar_forbids_never_comes():
    shares = _shares(np.array([False, True, False, True]), top_p=1.0)
    np.testing.assert_allclose(shares, [0, 6 / 7, 0, 1 / 7], atol=1e-3)


def test_the_edges_of_chance_find_allowed_tokens():
    sampler = Sampler.of([Request(0)] * 2, 4, 1.0)
    allowed = np.array([[False, True, True, False]] * 2)
    uniforms = np.array([0, np.nextafter(np.float32(1), np.float32(0))], np.float32)
    assert sampler.draw(np.tile(LOGITS, (2, 1)), allowed, uniforms).tolist() == [1, 2]


def test_rows_draw_by_their_own_parameters():
    requests = [Request(0, temperature=0), Request(0, top_p=1.0), Request(0, top_k=2, top_p=1.0)]
    uniforms = np.full(3, 0.99, np.float32)
    drawn = Sampler.of(requests, 4, 1.0).draw(
        np.tile(LOGITS, (3, 1)), np.ones((3, 4), bool), uniforms
    )
    assert drawn.tolist() == [0, 3, 1]


def test_a_request_without_a_temperature_takes_the_models_own():
    requests = [Request(0), Request(0, temperature=1), Request(0, temperature=0)]
    sampler = Sampler.of(requests, 4, own_temperature=0.5)
    assert sampler.temperature[:2, 0].tolist() == [0.5, 1]
    assert sampler.top_k.tolist() == [4, 4, 1]
