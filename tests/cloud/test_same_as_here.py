"""What the cloud makes is what this machine makes, bit by bit, by Spark and training for real."""

import pytest
from cloud import tasks
from cloud.tasks import Instance
from musicgen_operators import MusicgenStageOperator
from preprocess.snapshots import small_pieces, write_snapshot

from musicgen import storage
from musicgen.settings import settings

pytestmark = pytest.mark.slow

PIECES = 24
OVERRIDES = ["epochs=1", "steps_per_epoch=2", "batch_size=4", "samples_every=0"]


@pytest.fixture
def snapshot_uri(cloud, tmp_path, monkeypatch):
    """A corpus on this machine, a copy of which is in the cloud; both log to one MLflow."""
    monkeypatch.setenv("MUSICGEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MUSICGEN_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    settings.cache_clear()
    return write_snapshot(tmp_path / "here", small_pieces(PIECES))


def test_the_cloud_makes_the_dataset_and_the_weights_of_this_machine(
    cloud, snapshot_uri, tmp_path, monkeypatch
):
    there_uri = snapshot_uri.replace((tmp_path / "here").as_uri(), "gs://music/house")
    storage.upload(storage.local_path(snapshot_uri), there_uri)
    there = dataset_and_model(there_uri)
    assert [name.split("-")[1] for name in cloud.jobs.started] == ["preprocess", "train"]
    monkeypatch.setenv("MUSICGEN_RUNTIME", "local")
    monkeypatch.setenv("MUSICGEN_BUCKET", str(tmp_path / "here"))
    settings.cache_clear()
    here = dataset_and_model(snapshot_uri)
    assert len(cloud.jobs.started) == 2
    assert here["dataset_id"] == there["dataset_id"]
    assert tables(here["dataset_uri"]) == tables(there["dataset_uri"])
    assert weights(here["model_uri"]) == weights(there["model_uri"])


def dataset_and_model(corpus_uri):
    """Return what preprocess and train printed, wherever they ran."""
    dataset = run("preprocess", [corpus_uri])
    return dataset | run("train", ["lstm", dataset["dataset_uri"]], {"set": OVERRIDES})


def run(stage, arguments, options=None):
    operator = MusicgenStageOperator(
        task_id=stage, stage=stage, arguments=arguments, options=options
    )
    return tasks.run_any(operator, Instance(task_id=stage))


def tables(dataset_uri):
    names = [name for name in storage.names(dataset_uri) if name.endswith(".parquet")]
    assert "notes/part-00000.parquet" in names
    return {name: storage.read_bytes(storage.join(dataset_uri, name)) for name in names}


def weights(model_uri):
    return storage.read_bytes(storage.join(model_uri, "weights.npz"))
