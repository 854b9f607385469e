import numpy as np
import pytest
from bundles import lstm_bundle

from musicgen.generation.engine import load_engine
from musicgen.generation.request import Request
from musicgen.registry.replay import ReplayFailed, in_names_of, replay, usual_requests


class Changed:
    """An engine that answers well, but for what a test changes."""

    composers, ensembles = ["unknown", "Bach"], ["unknown"]

    def __init__(self, change):
        self._engine = load_engine(lstm_bundle())
        self._change = change

    def generate(self, requests):
        return [self._change(score) for score in self._engine.generate(requests)]


def test_requests_are_put_in_names_that_the_model_knows():
    requests = in_names_of(Changed(lambda score: score), usual_requests())
    assert len(requests) == 10
    assert {request.composer for request in requests} == {"unknown", "Bach"}
    assert {request.ensemble for request in requests} == {"unknown"}


def test_a_sound_engine_answers_the_usual_and_the_newest_of_the_recorded():
    recorded = [Request(1, "Satie", bars=2), Request(2, bars=250), Request(3, bars=5)]
    found = replay(load_engine(lstm_bundle()), recorded[:1] + recorded[2:] + recorded[1:2])
    assert (found.requests, found.recorded) == (12, 2)
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
