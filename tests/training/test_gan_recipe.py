from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
from datasets import make_dataset
from training.small_gan import GAN

from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.generation.engine import load_engine
from musicgen.generation.request import Request
from musicgen.models.rolls import binary_roll, probable_roll
from musicgen.preprocess.dataset import Dataset
from musicgen.training.config import TrainingConfig, load_plan
from musicgen.training.gan_recipe import GanRecipe
from musicgen.training.generator_files import arrays
from musicgen.training.job import train
from musicgen.training.tracking import Tracker

pytestmark = pytest.mark.slow

SMALL = {**GAN, "epochs": 2}


def make_recipe(dataset, seed=0, **overrides):
    plan = load_plan("gan", "quick", {**SMALL, **overrides})
    return GanRecipe(dataset, plan.training, plan.options, seed)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return Dataset.open(make_dataset(tmp_path_factory.mktemp("dataset"), pieces=8))


@pytest.fixture(scope="module")
def recipe(dataset):
    return make_recipe(dataset)


@pytest.fixture(scope="module")
def model(recipe):
    return recipe.build()


@pytest.fixture(scope="module")
def bundle(recipe, model):
    parts = recipe.bundle_parts(model)
    return Bundle("gan", {"family": "gan", **parts.model}, parts.weights, parts.files)


def inputs(size):
    random = np.random.default_rng(size)
    return {
        "latent": random.normal(size=(size, 16)).astype(np.float32),
        "composer": random.integers(0, 3, size).astype(np.int32),
        "ensemble": random.integers(0, 3, size).astype(np.int32),
    }


@pytest.fixture(scope="module")
def started(dataset, bundle):
    """A model with the bundle's weights."""
    other = make_recipe(dataset, seed=1)
    model = other.build()
    other.start_from(model, bundle)
    return model


@pytest.mark.parametrize("size", [1, 2, 7])
def test_the_graph_is_the_generator_of_the_weights(started, bundle, size):
    graph = bundle.files["generator.onnx"]
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    assert {node.name: node.type for node in session.get_inputs()} == {
        "latent": "tensor(float)",
        "composer": "tensor(int32)",
        "ensemble": "tensor(int32)",
    }
    (roll,) = session.run(["roll"], inputs(size))
    voices = started.averaged(inputs(size))
    assert roll.shape == (size, 64, 84, 4, 2)
    np.testing.assert_allclose(roll, probable_roll(**voices), atol=1e-4)
    assert ((roll >= 0.5) == binary_roll(**voices).numpy()).all()
    assert 0.001 < (roll >= 0.5).mean() < 0.1


def test_the_bundle_plays(dataset, bundle, tmp_path):
    bundle.save(tmp_path.as_uri())
    engine = load_engine(Bundle.load(tmp_path.as_uri()))
    assert engine.composers == dataset.composers
    assert engine.ensembles == dataset.ensembles
    scores = engine.generate([Request(seed=s, ensemble="Solo Piano", bars=4) for s in range(4)])
    assert all(len(score.notes) > 4 for score in scores)
    assert {family for score in scores for family in score.notes["family"]} == {0}


def test_the_same_recipe_makes_the_same_model(dataset, model):
    for ours, theirs in zip(model.variables, make_recipe(dataset).build().variables, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_starting_from_a_bundle(started, bundle):
    for generator in (started.generator, started.averaged):
        found = arrays(generator)
        assert found.keys() == bundle.weights.keys()
        for name, array in found.items():
            np.testing.assert_array_equal(array, bundle.weights[name])


def test_to_make_a_bundle_changes_no_model(recipe, model, bundle):
    before = model.get_weights()
    weight = model.averaged.weights[0]
    value = weight.numpy()
    weight.assign(value + 1)
    other = recipe.bundle_parts(model)
    weight.assign(value)
    made = recipe.bundle_parts(model)
    assert made is not other
    assert recipe.bundle_parts(model) is made
    for name, array in bundle.weights.items():
        np.testing.assert_array_equal(made.weights[name], array)
    for ours, theirs in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_rows_of_people_go_by_name(dataset, bundle):
    """A bundle that knows Haydn alone leaves Bach as he was."""
    model = make_recipe(dataset, seed=1).build()
    before = model.averaged.get_layer("composer_labels").embeddings.numpy()
    fewer = {
        path: array[[0, 2]] if "composer" in path else array
        for path, array in bundle.weights.items()
    }
    theirs = {**bundle.model, "composers": ["unknown", "Haydn"]}
    make_recipe(dataset).start_from(model, Bundle("gan", theirs, fewer))
    rows = model.averaged.get_layer("composer_labels").embeddings.numpy()
    assert (rows[[0, 2]] == bundle.weights["composer_labels/embeddings"][[0, 2]]).all()
    assert (rows[1] == before[1]).all()


def test_labels_that_no_training_roll_has_mean_unknown(half_met):
    unknown, bach, haydn = 0, *map(half_met.composers.index, ("Bach", "Haydn"))
    recipe = make_recipe(half_met)
    rows = recipe.bundle_parts(recipe.build()).weights["composer_labels/embeddings"]
    np.testing.assert_array_equal(rows[haydn], rows[unknown])
    assert (rows[bach] != rows[unknown]).any()
    labels = {int(x) for inputs in recipe.valid_data() for x in inputs["composer"]}
    assert labels == {unknown, bach}


def test_a_bundle_of_another_width_is_no_start(dataset, bundle):
    other = make_recipe(dataset, width=16)
    with pytest.raises(BadInput, match="train with the latent_dim and width"):
        other.start_from(other.build(), bundle)


def test_a_bundle_of_another_version_is_no_start(dataset, bundle):
    weights = {path: x for path, x in bundle.weights.items() if not path.startswith("voices/pull_")}
    recipe = make_recipe(dataset)
    with pytest.raises(BadInput, match="no voices/pull_of_ensemble: it is of another version"):
        recipe.start_from(recipe.build(), replace(bundle, weights=weights))


@pytest.mark.parametrize(
    "overrides",
    [{"latent_dim": 12}, {"width": 0}, {"voices": 0}, {"voices": 85}, {"batch_size": 6}],
)
def test_sizes_that_cannot_be_used(dataset, overrides):
    with pytest.raises(BadInput, match=r"; (give|it must) "):
        make_recipe(dataset, **overrides)


@pytest.mark.parametrize("profile", ["quick", "standard", "full"])
def test_profiles_are_usable(dataset, profile):
    plan = load_plan("gan", profile)
    assert isinstance(plan.training, TrainingConfig)
    GanRecipe(dataset, plan.training, plan.options, 0)


def test_the_job_trains_it(home, dataset, tmp_path):
    trained = train("gan", dataset.uri, tmp_path.as_uri(), overrides=SMALL)
    bundle = Bundle.load(trained.model_uri)
    assert bundle.model["family"] == "gan"
    assert load_engine(bundle).generate([Request(seed=1, bars=8)])[0].length_steps == 128
    client = Tracker().client
    history = client.get_metric_history(trained.run_id, "val_distance")
    assert [metric.step for metric in history] == [3, 6]
    assert trained.metrics["val_distance"] == min(metric.value for metric in history)
    assert {"critic_loss", "generator_loss", "gradient_penalty"} <= trained.metrics.keys()
