import numpy as np
import pytest
from bundles import lstm_bundle

from musicgen.generation.engine import load_engine
from musicgen.registry.replay import ReplayFailed, recorded_requests, replay


class Changed:
    """An engine that answers well, but for what a test changes."""

    composers, ensembles = ["unknown", "Bach"], ["unknown"]

    def __init__(self, change):
        self._engine = load_engine(lstm_bundle())
        self._change = change

    def generate(self, requests):
        return [self._change(score) for score in self._engine.generate(requests)]


def test_requests_are_the_recorded_ones_in_names_that_the_model_knows():
    requests = recorded_requests(Changed(lambda score: score))
    assert len(requests) == 10
    assert {request.composer for request in requests} == {"unknown", "Bach"}
    assert {request.ensemble for request in requests} == {"unknown"}


def test_a_sound_engine_answers_all():
    found = replay(load_engine(lstm_bundle()))
    assert found.requests == 10
    assert found.seconds_per_piece > 0


def test_too_short_an_answer_is_found_out():
    with pytest.raises(ReplayFailed, match="was answered with 16 steps"):
        replay(Changed(lambda score: score.window(0, 16)))


def test_an_answer_that_changes_is_found_out():
    random = np.random.default_rng(0)

    def drift(score):
        score.notes["pitch"] = random.integers(40, 80, len(score.notes))
        return score.window(0, score.length_steps)

    with pytest.raises(ReplayFailed):
        replay(Changed(drift))
