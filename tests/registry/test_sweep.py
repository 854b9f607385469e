import logging
import os
from types import SimpleNamespace

import pytest
from registry.reigns import crown, leaders, train

from musicgen import manifest, storage
from musicgen.errors import BadInput
from musicgen.registry import layout
from musicgen.registry.sweep import sweep
from musicgen.registry.versions import publish
from musicgen.training.config import load_plan
from musicgen.training.task import Task


@pytest.fixture
def bucket(tmp_path):
    """Five LSTMs led one after the other; a GAN was published and never led; all are old."""
    uri = tmp_path.as_uri()
    for seed in range(1, 6):
        crown(uri, "lstm", seed)
    train(uri, "gan", 6)
    publish(uri, "gan", storage.join(uri, "training", "gan-6", "bundle"), lambda _: "# card\n")
    age(tmp_path)
    return uri


def age(path):
    for each in path.rglob("*"):
        os.utime(each, (0, 0))


def there(bucket, kind):
    return storage.children(storage.join(bucket, kind))


def test_champion_and_way_back_stay_with_all_that_they_stand_on(bucket):
    result = sweep(bucket, newest=0)
    assert result.versions == {"lstm-4": "before lstm's champion", "lstm-5": "champion of lstm"}
    assert there(bucket, "training") == ["lstm-4", "lstm-5"]
    assert there(bucket, "evaluations") == ["e-lstm-4", "e-lstm-5"]
    assert there(bucket, "datasets") == ["d4", "d5"]
    assert there(bucket, "corpora/exercises") == ["c4", "c5"]
    kinds = ("versions", "training", "evaluations", "datasets", "corpora")
    assert result.kept == {**dict.fromkeys(kinds, 2), "reproductions": 0, "jobs": 0}
    assert result.freed_bytes == sum(one["bytes"] for one in result.removed) > 0
    assert sweep(bucket, newest=0).removed == []


def test_a_moved_bucket_keeps_the_same(bucket, tmp_path):
    moved = tmp_path.with_name("moved")
    tmp_path.rename(moved)
    sweep(moved.as_uri(), newest=0)
    assert there(moved.as_uri(), "datasets") == ["d4", "d5"]


def test_numbers_are_never_given_away(bucket):
    sweep(bucket, newest=0)
    assert storage.names(layout.version_uri(bucket, "lstm-1")) == ["claim.json"]
    assert crown(bucket, "lstm", 7) == "lstm-6"
    assert crown(bucket, "lstm", 2, channels=()) == "lstm-2"
    assert leaders(bucket) == {"overall": "lstm-6", "lstm": "lstm-2"}


def test_the_newest_versions_and_young_things_stay(bucket):
    kept = set(sweep(bucket, newest=2).versions)
    assert kept == {"lstm-4", "lstm-5", "gan-1"}
    train(bucket, "lstm", 8)
    sweep(bucket, newest=2)
    assert there(bucket, "training") == ["gan-6", "lstm-4", "lstm-5", "lstm-8"]


def test_what_young_versions_and_trainings_stand_on_stays(bucket, tmp_path):
    train(bucket, "gan", 9)
    age(tmp_path)
    for young in ("models/musicgen-lstm/versions/1", "training/gan-9"):
        os.utime(tmp_path / young / "manifest.json")
    sweep(bucket, newest=0)
    assert there(bucket, "training") == ["gan-9", "lstm-1", "lstm-4", "lstm-5"]
    assert there(bucket, "datasets") == ["d1", "d4", "d5", "d9"]
    assert there(bucket, "corpora/exercises") == ["c1", "c4", "c5", "c9"]


def test_what_a_training_underway_stands_on_stays(bucket, tmp_path):
    train(bucket, "gan", 9)
    age(tmp_path)
    dataset = SimpleNamespace(dataset_id="d9", uri=storage.join(bucket, "datasets", "d9"))
    task = Task("lstm", "quick", load_plan("lstm", "quick"), 0, None, dataset, bucket)
    task.begin()
    sweep(bucket, newest=0)
    assert there(bucket, "training") == sorted(["lstm-4", "lstm-5", task.training_id])
    assert there(bucket, "datasets") == ["d4", "d5", "d9"]
    assert there(bucket, "corpora/exercises") == ["c4", "c5", "c9"]


def test_what_a_model_started_from_stays_with_all_of_its_own(bucket, tmp_path):
    first = storage.join(bucket, "training", "lstm-2", "bundle")
    train(bucket, "lstm", 10, init_from=first)
    train(bucket, "lstm", 11, init_from=storage.join(bucket, "training", "lstm-10", "bundle"))
    train(bucket, "gan", 12, init_from=layout.version_uri(bucket, "lstm-1"))
    age(tmp_path)
    for young in ("lstm-11", "gan-12"):
        os.utime(tmp_path / "training" / young / "manifest.json")
    sweep(bucket, newest=0)
    models = [1, 2, 4, 5, 10, 11, 12]
    names = ["gan-12", *(f"lstm-{number}" for number in models if number != 12)]
    assert there(bucket, "training") == sorted(names)
    assert there(bucket, "datasets") == sorted(f"d{number}" for number in models)
    assert manifest.exists(layout.version_uri(bucket, "lstm-1"))
    assert not manifest.exists(layout.version_uri(bucket, "lstm-2"))


def test_what_was_never_finished_goes_when_it_is_old(bucket, tmp_path):
    storage.write_bytes(storage.join(bucket, "training", "killed", "backup", "state.npz"), b"1")
    storage.write_bytes(storage.join(bucket, "datasets", "killed", "part"), b"1")
    assert "killed" in there(bucket, "training")
    sweep(bucket)
    assert "killed" in there(bucket, "training")
    age(tmp_path)
    sweep(bucket)
    assert "killed" not in there(bucket, "training") + there(bucket, "datasets")


def test_what_only_looked_back_or_ran_elsewhere_goes_by_age_alone(bucket, tmp_path):
    places = ("reproductions/lstm-5", "jobs/j1", "jobs/runs/r1")
    for place in places:
        storage.write_bytes(storage.join(bucket, place, "training", "any"), b"1")
    assert sweep(bucket).removed == []
    age(tmp_path)
    storage.write_bytes(storage.join(bucket, "jobs", "runs", "r2", "j2.json"), b"1")
    gone = {one["uri"] for one in sweep(bucket).removed}
    assert gone == {storage.join(bucket, place) for place in places}
    assert there(bucket, "jobs/runs") == ["r2"]


def test_a_dry_run_only_says(bucket):
    before = storage.names(bucket)
    said = sweep(bucket, newest=0, dry_run=True)
    assert said.dry_run
    assert storage.names(bucket) == before
    assert sweep(bucket, newest=0).removed == said.removed


def test_an_empty_bucket_has_nothing_to_lose(tmp_path, caplog):
    caplog.set_level(logging.INFO, "musicgen")
    absent = tmp_path / "absent"
    for place in (tmp_path, absent):
        assert sweep(place.as_uri()).removed == []
        assert f"There is nothing to tidy in {place.as_uri()} yet." in caplog.text
    assert not absent.exists()
    with pytest.raises(BadInput, match="at least 1 day"):
        sweep(tmp_path.as_uri(), days=0)
