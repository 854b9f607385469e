from dataclasses import replace

import pytest
from bundles import lstm_bundle
from datasets import make_dataset

from musicgen.preprocess.dataset import Dataset
from musicgen.training.temperature import at_best_temperature

pytestmark = pytest.mark.slow

TEMPERATURES = (0.25, 0.5, 1.0, 2.0)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return Dataset.open(make_dataset(tmp_path_factory.mktemp("dataset"), pieces=12, bars=40))


@pytest.fixture(scope="module")
def bundle(dataset):
    """A model that met the dataset's composers and ensembles, three with ``unknown``, of each."""
    bundle = lstm_bundle()
    names = {"composers": dataset.composers, "ensembles": dataset.ensembles}
    return replace(bundle, model={**bundle.model, **names})


def test_temperature_undoes_what_scaled_the_logits(dataset, bundle):
    logits = {name: 2 * bundle.weights[name] for name in ("projection_kernel", "projection_bias")}
    bias = {"output_bias": 2 * bundle.weights["output_bias"]}
    scaled = replace(bundle, weights={**bundle.weights, **logits, **bias})
    twice = tuple(2 * temperature for temperature in TEMPERATURES[::-1])
    chosen = at_best_temperature(bundle, TEMPERATURES, dataset, seed=0).model["temperature"]
    assert at_best_temperature(scaled, twice, dataset, seed=0).model["temperature"] == 2 * chosen


def test_the_model_is_else_the_same(dataset, bundle):
    found = at_best_temperature(bundle, TEMPERATURES, dataset, seed=0)
    assert {**found.model, "temperature": None} == {**bundle.model, "temperature": None}
    assert at_best_temperature(bundle, (), dataset, seed=0) is bundle


@pytest.mark.parametrize("bars", [2, 4])
def test_music_with_hardly_an_excerpt_leaves_the_temperature_open(tmp_path, bundle, bars):
    dataset = Dataset.open(make_dataset(tmp_path, pieces=12, bars=bars))
    assert "temperature" not in at_best_temperature(bundle, TEMPERATURES, dataset, seed=0).model
