"""Evaluate and promote for real: models play, are measured, challenge one another."""

import pytest
from bundles import gan_bundle, lstm_bundle
from datasets import make_dataset

from musicgen import storage
from musicgen.evaluation.candidate import candidates_of_runs
from musicgen.evaluation.evaluate import evaluate
from musicgen.evaluation.tracking import EVALUATION_TAG
from musicgen.preprocess.dataset import Dataset
from musicgen.registry.channel import Channel
from musicgen.registry.contest import contest
from musicgen.registry.promote import promote
from musicgen.registry.tracking import DATASET_TAG
from musicgen.training.provenance import provenance

pytestmark = pytest.mark.slow


def train(tracker, bucket, family, dataset_uri, seed=0):
    uri = storage.join(bucket, "training", f"{family}-{seed}", "bundle")
    bundle = lstm_bundle(seed) if family == "lstm" else gan_bundle(seed)
    origin = provenance(Dataset.open(dataset_uri))
    bundle.provenance.update(origin)
    bundle.save(uri)
    tags = {
        "musicgen.family": family,
        "musicgen.bundle_uri": uri,
        DATASET_TAG: origin["dataset_id"],
    }
    return tracker.client.create_run(tracker.experiment_id("exercises"), tags=tags).info.run_id


def metrics(tracker, run_id):
    """Return the names of a run's metrics."""
    return set(tracker.client.get_run(run_id).data.metrics)


def registered(tracker, run_id):
    """Return the tags of the only version that was registered of a run."""
    (version,) = tracker.client.search_model_versions(f"run_id = '{run_id}'")
    return version.tags


def test_from_runs_to_champion_and_on_to_the_next(tracker, tmp_path):
    bucket = tmp_path.as_uri()
    dataset_uri = make_dataset(tmp_path)
    lstm, gan = (train(tracker, bucket, family, dataset_uri) for family in ("lstm", "gan"))

    found = contest([lstm, gan], dataset_uri, bucket, samples=4)
    assert set(found.scores) == {"lstm", "gan"}
    assert metrics(tracker, lstm) == metrics(tracker, gan), "they could not be compared"
    tracker.client.delete_tag(lstm, EVALUATION_TAG)  # as if it had been killed before that
    assert contest([lstm, gan], dataset_uri, bucket, samples=4).reused
    rows = [tracker.client.get_metric_history(lstm, name) for name in metrics(tracker, lstm)]
    assert {len(history) for history in rows} == {1}, "logged twice"
    result = promote([lstm, gan], bucket)
    best = max(found.scores, key=lambda name: found.scores[name]["score"])
    assert result.promoted
    assert result.champion == f"{best}-1"

    # The next contest has the champions beside the newcomer, who is weighed against them there.
    newcomer = train(tracker, bucket, "lstm", dataset_uri, seed=1)
    found = contest([newcomer], dataset_uri, bucket, samples=4)
    assert set(found.scores) == {"lstm", *{"lstm-1", result.champion}}
    assert contest([lstm, gan], dataset_uri, bucket, samples=4).reused
    before = storage.children(storage.join(bucket, "evaluations"))
    promote([newcomer], bucket)
    assert storage.children(storage.join(bucket, "evaluations")) == before


def test_on_another_dataset_the_champion_is_judged_anew(tracker, tmp_path):
    bucket = tmp_path.as_uri()
    old = make_dataset(tmp_path)
    new = make_dataset(tmp_path, 14, contents="1" * 16)
    first = train(tracker, bucket, "lstm", old, seed=4)
    contest([first], old, bucket, samples=4)
    promote([first], bucket)
    before = registered(tracker, first)
    assert before["musicgen.evaluated_on"] == before["musicgen.dataset_id"]

    second = train(tracker, bucket, "lstm", new, seed=0)  # which plays better by far
    alone = evaluate(candidates_of_runs([second]), new, bucket, samples=4)
    result = promote([second], bucket)
    assert result.version == "lstm-2"
    assert "of lstm-1, better in" in result.reason
    judged = storage.children(storage.join(bucket, "evaluations"))
    assert len(judged) == 3  # the first, the second, and the champion on the second's terms
    assert registered(tracker, first) == before, "its card would say otherwise"
    assert old.endswith(before["musicgen.evaluated_on"])
    assert result.promoted
    moves = Channel(bucket, "lstm").ledger.entries()
    assert moves[-1].pointer.evaluation_uri == alone.evaluation_uri


def test_a_champion_that_trained_on_the_new_test_pieces_counts_as_none(tracker, tmp_path):
    bucket = tmp_path.as_uri()
    old = make_dataset(tmp_path, 16)
    new = make_dataset(tmp_path, 12, contents="1" * 16)  # its test pieces trained the champion
    champion = train(tracker, bucket, "lstm", old, seed=0)
    contest([champion], old, bucket, samples=4)
    promote([champion], bucket)

    worse = train(tracker, bucket, "lstm", new, seed=4)
    found = contest([worse], new, bucket, samples=4)
    assert found.scores["lstm"]["score"] < found.scores["lstm-1"]["score"]
    assert found.scores["lstm-1"]["gates"]["test_leak"] == {
        "value": 1.0,
        "limit": 0.0,
        "passed": False,
    }
    result = promote([worse], bucket)
    assert (result.promoted, result.champion) == (True, "lstm-2")
    assert "lstm-1 counts as none, since it learned from 100% of the test pieces" in result.reason
