import re

import pytest
from bundles import gan_bundle
from datasets import make_dataset

from musicgen import storage
from musicgen.preprocess.dataset import Dataset
from musicgen.training.checkpoints import checkpoint_names, checkpoint_uri, read_checkpoints
from musicgen.training.config import load_plan
from musicgen.training.learning_room import REAL_MUSIC, write_learning_room
from musicgen.training.task import Task


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    path = tmp_path_factory.mktemp("bucket")
    plan = load_plan("gan", "quick", {})
    dataset = Dataset.open(make_dataset(path))
    task = Task("gan", "quick", plan, 0, None, dataset, path.as_uri())
    for epoch in (2, 4, 6, 8, 10, 12, 14):
        gan_bundle(epoch).save(checkpoint_uri(task.uri, f"epoch-{epoch:04d}"))
    storage.write_bytes(checkpoint_uri(task.uri, "epoch-0016/model.json"), b"{}")
    return task


def test_unfinished_checkpoints_do_not_exist(task):
    assert checkpoint_names(task.uri)[-2:] == ["epoch-0012", "epoch-0014"]


def test_of_many_checkpoints_the_first_the_last_and_some_between_are_read(task):
    assert list(read_checkpoints(task.uri, 3)) == ["epoch-0002", "epoch-0008", "epoch-0014"]
    assert list(read_checkpoints(task.uri, 1)) == ["epoch-0002"]
    assert len(read_checkpoints(task.uri, 99)) == 7


def test_checkpoints_stand_beside_real_music_of_the_composer(task):
    page = write_learning_room(task, gan_bundle()).decode()
    captions = re.findall("<b>(.*?)</b>", page)
    epochs = [f"epoch {epoch}" for epoch in (2, 4, 6, 10, 12, 14)]
    # The valid split knows Bach; of Beethoven there is nothing real to hear.
    assert captions == ["real music", *epochs, "the best, kept", *epochs, "the best, kept"]
    assert "<h3>Bach " in page
    assert REAL_MUSIC in page
    assert storage.read_bytes(storage.join(task.uri, "listening.html")).decode() == page


def test_real_music_is_promised_only_where_there_is_some(task, monkeypatch):
    monkeypatch.setattr("musicgen.training.learning_room._excerpts", lambda *_: iter(()))
    page = write_learning_room(task).decode()
    assert "more and more training" in page
    assert "eal music" not in page
