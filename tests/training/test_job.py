"""The training job, on a model small enough to train in a second."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from datasets import make_dataset
from mlflow.models import Model
from training.small_gan import GAN

from musicgen import manifest, storage
from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.generation.engine import load_engine
from musicgen.generation.request import Request
from musicgen.training import job, provenance
from musicgen.training.checkpoints import checkpoint_names, checkpoint_uri
from musicgen.training.job import train
from musicgen.training.recipe import recipe_class
from musicgen.training.task import UNDERWAY
from musicgen.training.tracking import Tracker

pytestmark = pytest.mark.slow

SMALL = {
    "epochs": 4,
    "steps_per_epoch": 6,
    "batch_size": 4,
    "warmup_steps": 4,
    "plateau_patience": 1,
    "samples_every": 2,
    "samples": 1,
    "units": 10,
    "embedding_dim": 8,
    "window_tokens": 24,
    "valid_window_tokens": 64,
    "valid_windows": 4,
    "recurrent_dropout": 0.1,
    "averaging": 0.9,
}
SHA = provenance.git_sha()
SMALL_GAN = {**GAN, "epochs": 3, "plateau_patience": 1}


@pytest.fixture(scope="module")
def dataset_uri(tmp_path_factory):
    return make_dataset(tmp_path_factory.mktemp("dataset"), pieces=6, bars=4)


@pytest.fixture(scope="module")
def bucket_uri(tmp_path_factory):
    return tmp_path_factory.mktemp("bucket").as_uri()


@pytest.fixture(scope="module")
def trained(home, dataset_uri, bucket_uri):
    return train("lstm", dataset_uri, bucket_uri, overrides=SMALL, airflow_run="manual__1")


@pytest.fixture(scope="module")
def run(trained):
    return Tracker().client.get_run(trained.run_id)


def test_the_bundle_plays(trained):
    bundle = Bundle.load(trained.model_uri)
    assert bundle.provenance["run_id"] == trained.run_id
    assert bundle.model["composers"] == ["unknown", "Bach", "Haydn"]
    assert sum(bundle.model["shares"]["composers"].values()) == pytest.approx(1, abs=0.001)
    engine = load_engine(bundle)
    assert engine.generate([Request(seed=1, composer="Haydn", bars=1)])[0].length_steps == 16


def test_the_run_tells_where_it_comes_from(run, trained, dataset_uri):
    dataset = manifest.load(dataset_uri)
    tags = {k: v for k, v in run.data.tags.items() if k.startswith("musicgen.")}
    assert len(tags.pop("musicgen.git_sha")) >= 7
    assert tags == {
        "musicgen.family": "lstm",
        "musicgen.training_id": trained.model_uri.split("/")[-2],
        "musicgen.dataset_id": dataset["dataset_id"],
        "musicgen.dataset_uri": dataset_uri,
        "musicgen.corpus_digest": dataset["corpus_digest"],
        "musicgen.bundle_uri": trained.model_uri,
        "musicgen.validation": "none",
        "musicgen.airflow_run": "manual__1",
    }
    assert (run.info.status, run.info.run_name) == ("FINISHED", "lstm quick")
    assert run.data.params["units"] == "10"
    assert run.inputs.dataset_inputs[0].dataset.digest == dataset["dataset_id"]


def test_trials_are_told_apart(home, dataset_uri, tmp_path, caplog):
    caplog.set_level("INFO")
    overrides = {**SMALL, "epochs": 1, "samples_every": 0}
    found = train("lstm", dataset_uri, tmp_path.as_uri(), overrides=overrides, trial=0)
    run = Tracker().client.get_run(found.run_id)
    assert run.info.run_name == "lstm quick, trial 0"
    assert run.data.tags["musicgen.trial"] == "0"
    drawn = {"learning_rate": 0.006, "units": 10, "hidden_dropout": 0.05}
    assert (found.trial, found.drawn) == (0, drawn)
    assert "Trial 0: learning_rate 0.006, units 10, hidden_dropout 0.05" in caplog.text


def test_every_epoch_is_logged_once(trained):
    client = Tracker().client
    history = client.get_metric_history(trained.run_id, "val_nats_per_frame")
    assert [metric.step for metric in history] == [6, 12, 18, 24]
    assert trained.metrics["val_nats_per_frame"] == min(metric.value for metric in history)
    rates = client.get_metric_history(trained.run_id, "learning_rate")
    assert len({metric.step for metric in rates}) == len(rates) == 24
    running = client.get_metric_history(trained.run_id, "running_nats_per_token")
    assert [metric.step for metric in running] == [metric.step for metric in rates]


def test_the_machine_was_watched(trained):
    client = Tracker().client
    for name in ("cpu_utilization_percentage", "system_memory_usage_megabytes"):
        history = client.get_metric_history(trained.run_id, f"system/{name}")
        assert [metric.step for metric in history] == [6, 12, 18, 24]
    assert history[-1].value > 100


def test_the_dataset_is_an_input_with_its_size(run, dataset_uri):
    (entered,) = run.inputs.dataset_inputs
    counts = manifest.load(dataset_uri)["counts"]
    assert json.loads(entered.dataset.profile)["num_notes"] == counts["notes"]
    assert [tag.value for tag in entered.tags] == ["training"]


def test_trainings_of_one_pipeline_run_share_a_parent(run, trained, dataset_uri, bucket_uri):
    client = Tracker().client
    parent = client.get_run(run.data.tags["mlflow.parentRunId"])
    assert parent.data.tags["musicgen.pipeline_run"] == "manual__1"
    assert parent.data.tags["musicgen.trained.lstm.0"] == trained.run_id
    train("lstm", dataset_uri, bucket_uri, overrides=SMALL, airflow_run="manual__2")
    (later,) = client.search_runs(
        [run.info.experiment_id], "tags.`musicgen.pipeline_run` = 'manual__2'"
    )
    assert later.data.tags["musicgen.trained.lstm.0"] == trained.run_id
    tags = client.get_run(trained.run_id).data.tags
    assert tags["mlflow.parentRunId"] == parent.info.run_id


def test_artifacts(trained):
    client = Tracker().client

    def listed(path):
        return {item.path for item in client.list_artifacts(trained.run_id, path)}

    assert listed("") == {"bundle", "curves.png", "listening.html", "samples", "tensorboard"}
    assert listed("samples") == {"samples/epoch-0002", "samples/epoch-0004", "samples/final"}
    assert listed("samples/epoch-0002") == {
        f"samples/epoch-0002/00-bach.{suffix}" for suffix in ("mid", "png", "wav")
    }


def test_checkpoints_can_be_heard_side_by_side(trained):
    training_uri = trained.model_uri.rpartition("/")[0]
    names = checkpoint_names(training_uri)
    assert names == ["epoch-0002", "epoch-0004"]
    early, late = (Bundle.load(checkpoint_uri(training_uri, name)) for name in names)
    assert not np.array_equal(early.weights["output_bias"], late.weights["output_bias"])
    page = storage.read_bytes(storage.join(training_uri, "listening.html")).decode()
    captions = re.findall("<b>(.*?)</b>", page)
    assert captions == ["real music", "epoch 2", "epoch 4", "the best, kept"] * 2
    assert "http://" not in page
    assert "https://" not in page


def test_the_model_can_be_registered(run, trained):
    client = Tracker().client
    model_id = run.outputs.model_outputs[0].model_id
    model = client.get_logged_model(model_id)
    assert model.tags["musicgen.bundle_uri"] == trained.model_uri
    location = storage.local_path(model.artifact_location)
    described = Model.load(location)
    assert described.signature.inputs.input_names()[:2] == ["seed", "composer"]
    assert described.signature.outputs.input_names() == [
        *("onset_steps", "duration_steps", "pitch", "family")
    ]
    (example,) = described.load_input_example(location).to_dict("records")
    Request(**example)
    client.create_registered_model("musicgen-lstm")
    version = client.create_model_version(
        "musicgen-lstm", f"models:/{model_id}", trained.run_id, model_id=model_id
    )
    assert version.status == "READY"


def test_the_same_again_is_found_without_tensorflow(home, trained, dataset_uri, bucket_uri):
    script = (
        "import json, sys; from musicgen.training.job import train;"
        f"again = train('lstm', {dataset_uri!r}, {bucket_uri!r}, overrides={SMALL!r});"
        "print(json.dumps([again.reused, again.run_id, again.metrics]));"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    again = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(home),
        stdout=subprocess.PIPE,
        check=True,
    )
    assert json.loads(again.stdout) == [True, trained.run_id, trained.metrics]
    assert not storage.exists(trained.model_uri.replace("/bundle", "/backup"))


def environment(home):
    return {**os.environ, **home, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def recorded_first_steps(family, monkeypatch):
    """Return a list of the steps from which data is asked for; it grows."""
    recipe = recipe_class(family)
    first_steps, train_data = [], recipe.train_data

    def recorded(self, first_step):
        first_steps.append(first_step)
        return train_data(self, first_step)

    monkeypatch.setattr(recipe, "train_data", recorded)
    return first_steps


@pytest.fixture
def undisturbed(trained, dataset_uri, bucket_uri, family, settings):
    """The same training without a kill; the LSTM's is there already."""
    return train(family, dataset_uri, bucket_uri, overrides=settings)


@pytest.mark.parametrize(("family", "settings"), [("lstm", SMALL), ("gan", SMALL_GAN)])
def test_kill_9_changes_nothing(
    home, undisturbed, dataset_uri, tmp_path, monkeypatch, family, settings
):
    """A process killed after an epoch or two, and another that ends its work in the same run."""
    bucket_uri = tmp_path.as_uri()
    script = (
        "import sys; from musicgen.training.job import train;"
        f"train({family!r}, {dataset_uri!r}, {bucket_uri!r}, overrides={settings!r})"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", script],
        env=environment(home),
        stderr=subprocess.DEVNULL,
    )
    state_uri = storage.join(bucket_uri, "training", undisturbed.model_uri.split("/")[-2])
    state_uri = storage.join(state_uri, "backup", "state.npz")
    deadline = time.monotonic() + 300
    try:
        while not storage.exists(state_uri):
            assert killed.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline, "no epoch was backed up in time"
            time.sleep(0.002)
    finally:
        killed.kill()
    assert killed.wait() == -signal.SIGKILL
    assert storage.exists(state_uri)
    assert not manifest.exists(state_uri.rpartition("/backup")[0])

    # From scratch it would come to the same weights.
    first_steps = recorded_first_steps(family, monkeypatch)
    resumed = train(family, dataset_uri, bucket_uri, overrides=settings)

    assert 0 not in first_steps
    assert not resumed.reused
    assert resumed.run_id != undisturbed.run_id
    assert resumed.metrics == undisturbed.metrics
    expected, found = Bundle.load(undisturbed.model_uri), Bundle.load(resumed.model_uri)
    for name, array in expected.weights.items():
        np.testing.assert_array_equal(found.weights[name], array)
    history = Tracker().client.get_metric_history(resumed.run_id, "learning_rate")
    steps = settings["epochs"] * settings["steps_per_epoch"]
    assert len({metric.step for metric in history}) == len(history) == steps


def test_a_run_is_taken_up_again_only_where_its_training_goes_on(
    home, dataset_uri, tmp_path, monkeypatch
):
    overrides = {**SMALL, "epochs": 1, "samples_every": 0}
    client = Tracker().client

    def trained_anew():
        return train("lstm", dataset_uri, tmp_path.as_uri(), overrides=overrides)

    def killed(task, result):
        raise KeyboardInterrupt(result.run_id)

    with monkeypatch.context() as dying:
        dying.setattr(job, "commit", killed)
        with pytest.raises(KeyboardInterrupt) as death:
            trained_anew()
    client.update_run(str(death.value), "FINISHED")  # by kill -9 that would have been all
    first = trained_anew()
    assert first.run_id == str(death.value)
    storage.remove(first.model_uri.rpartition("/")[0])  # as housekeeping does
    monkeypatch.setattr(provenance, "git_sha", lambda: "latest")
    second = trained_anew()
    assert second.run_id != first.run_id
    for run_id, sha in ((first.run_id, SHA), (second.run_id, "latest")):
        run = client.get_run(run_id)
        assert (run.info.status, run.data.tags["musicgen.git_sha"]) == ("FINISHED", sha)
        assert len(client.get_metric_history(run_id, "learning_rate")) == 6


def test_other_code_begins_anew_in_a_run_of_its_own(home, dataset_uri, tmp_path, monkeypatch):
    """The epochs of one and of the other, told as one's, would be nobody's."""
    overrides = {**SMALL, "epochs": 1, "samples_every": 0}

    def killed(task, result):
        raise KeyboardInterrupt(result.run_id)

    with monkeypatch.context() as dying:
        dying.setattr(job, "commit", killed)
        with pytest.raises(KeyboardInterrupt) as death:
            train("lstm", dataset_uri, tmp_path.as_uri(), overrides=overrides)
    monkeypatch.setattr(provenance, "git_sha", lambda: "later")
    first_steps = recorded_first_steps("lstm", monkeypatch)
    anew = train("lstm", dataset_uri, tmp_path.as_uri(), overrides=overrides)
    assert first_steps == [0]
    assert anew.run_id != str(death.value)
    assert Bundle.load(anew.model_uri).provenance["git_sha"] == "later"


def test_a_loss_that_is_no_number_is_named(home, dataset_uri, tmp_path):
    overrides = {**SMALL, "learning_rate": 1e30, "clip_norm": 1e30}
    with pytest.raises(BadInput, match="Train with a lower learning_rate"):
        train("lstm", dataset_uri, tmp_path.as_uri(), overrides=overrides, seed=3)
    (left,) = storage.names(storage.join(tmp_path.as_uri(), "training"))
    assert left.endswith(UNDERWAY), "what says that it is under way, and nothing of a model"
    client = Tracker().client
    experiment = client.get_experiment_by_name("musicgen-exercises")
    statuses = {r.info.status for r in client.search_runs([experiment.experiment_id])}
    assert "FAILED" in statuses


def test_starting_from_another_model(trained, dataset_uri, tmp_path):
    """With steps that change nothing, the new model is the old one."""
    overrides = {**SMALL, "epochs": 1, "learning_rate": 1e-12, "averaging": 0.0}
    result = train(
        "lstm", dataset_uri, tmp_path.as_uri(), overrides=overrides, init_from=trained.run_id
    )
    expected = Bundle.load(trained.model_uri).weights
    for name, array in Bundle.load(result.model_uri).weights.items():
        np.testing.assert_allclose(array, expected[name], atol=1e-6)


def test_a_model_of_another_shape_is_no_start(trained, dataset_uri, tmp_path):
    with pytest.raises(BadInput, match="has \\(706, 8\\) for token_embedding"):
        train(
            "lstm",
            dataset_uri,
            tmp_path.as_uri(),
            overrides={**SMALL, "embedding_dim": 9},
            init_from=trained.model_uri,
        )


def test_another_family_is_no_start(dataset_uri, tmp_path):
    Bundle("gan", {"latent_dim": 8}, {}).save((tmp_path / "gan").as_uri())
    with pytest.raises(BadInput, match="can only start from its like"):
        train(
            "lstm",
            dataset_uri,
            tmp_path.as_uri(),
            overrides=SMALL,
            init_from=(tmp_path / "gan").as_uri(),
        )
