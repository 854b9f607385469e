"""One small training, measured beside 5-grams; its nats are those that Keras finds."""

from dataclasses import replace

import numpy as np
import pytest
from datasets import make_dataset

from musicgen.benchmark.bundled_lstm import bundled_lstm
from musicgen.benchmark.corpus import corpus_likelihood
from musicgen.benchmark.kneser_ney import KneserNey
from musicgen.benchmark.transfer import transfer
from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.preprocess.dataset import Dataset
from musicgen.training.pieces import Pieces
from musicgen.training.token_windows import Windows

pytestmark = pytest.mark.slow

SMALL = {
    "epochs": 1,
    "steps_per_epoch": 30,
    "batch_size": 8,
    "learning_rate": 0.02,
    "warmup_steps": 4,
    "samples_every": 0,
    "units": 16,
    "layers": 1,
    "embedding_dim": 16,
    "window_tokens": 48,
    "unknown_share": 0.0,
}


@pytest.fixture(scope="module")
def dataset_uri(tmp_path_factory):
    return make_dataset(tmp_path_factory.mktemp("dataset"), pieces=10, bars=6)


@pytest.fixture(scope="module")
def bucket_uri(tmp_path_factory):
    return tmp_path_factory.mktemp("bucket").as_uri()


@pytest.fixture(scope="module")
def found(tracker, dataset_uri, bucket_uri):
    return corpus_likelihood(dataset_uri, bucket_uri, None, "quick", 0, SMALL, shuffles=3)


def test_every_token_is_counted(found, dataset_uri):
    dataset = Dataset.open(dataset_uri)
    pieces = Pieces.read(dataset, "test")
    assert found.pieces == 2
    assert found.tokens == len(pieces.tokens)
    assert found.frames == 2 * 6 * 16
    assert found.notes == dataset.table("notes", ["pitch"], "test").num_rows
    whole = Windows(pieces, dataset.vocabulary, length=found.tokens).valid(2, most=2)
    model = bundled_lstm(Bundle.load(found.model_uri))
    expected = model.evaluate(whole, verbose=0, return_dict=True)
    assert found.nats_per_note == pytest.approx(expected["nats_per_note"], rel=1e-4)
    assert found.nats_per_frame == pytest.approx(expected["nats_per_frame"], rel=1e-4)


def test_the_peer_learned_the_same_tokens(found, dataset_uri):
    dataset = Dataset.open(dataset_uri)
    train, test = (
        dataset.table("sequences", ["tokens"], split)["tokens"].to_pylist()
        for split in ("train", "test")
    )
    peer = KneserNey(map(np.array, train), dataset.vocabulary.size)
    nats = sum(peer.nats(np.array(piece)).sum() for piece in test)
    assert found.five_gram_nats_per_note == pytest.approx(nats / found.notes)
    assert found.five_gram_in_all_keys_nats_per_note < found.five_gram_nats_per_note
    expected = 100 * (1 - found.nats_per_note / found.five_gram_nats_per_note)
    assert found.gain_percent == pytest.approx(expected, abs=0.01)


def test_true_labels_help_where_music_depends_on_them(found):
    """Here composers differ in the instruments they write for."""
    assert found.nats_per_note < found.shuffled_nats_per_note
    assert found.shuffled_nats_per_note_spread > 0
    assert found.gain_over_shuffled_percent > 0


def test_a_model_that_is_there_is_measured_as_it_is(found, dataset_uri, tmp_path):
    training_uri = found.model_uri.removesuffix("/bundle")
    again = corpus_likelihood(dataset_uri, tmp_path.as_uri(), training_uri, "quick", shuffles=3)
    assert again.nats_per_note == pytest.approx(found.nats_per_note)
    assert again.training_seconds is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("bundle", "message"),
    [
        (Bundle("lstm", {}, {}, provenance={"dataset_id": "other"}), "from another dataset"),
        (Bundle("gan", {}, {}), "is a gan; give an LSTM"),
    ],
)
def test_other_models_are_refused(tracker, dataset_uri, tmp_path, bundle, message):
    bundle.save((tmp_path / "bundle").as_uri())
    with pytest.raises(BadInput, match=message):
        corpus_likelihood(dataset_uri, tmp_path.as_uri(), tmp_path.as_uri(), "quick")


def test_a_model_whose_start_heard_the_test_pieces_is_refused(found, dataset_uri, tmp_path):
    """Both benchmarks look at what a model started from, though it learned this dataset itself."""
    heard = make_dataset(tmp_path, pieces=14, bars=6, contents="1" * 16)
    place = {"dataset_id": Dataset.open(heard).dataset_id, "dataset_uri": heard}
    bundle = Bundle.load(found.model_uri)
    first, second = ((tmp_path / name).as_uri() for name in ("first", "second"))
    replace(bundle, provenance=place).save(first)
    replace(bundle, provenance={**bundle.provenance, "parameters": {"init_from": first}}).save(
        second
    )
    for measure in (
        lambda: corpus_likelihood(dataset_uri, tmp_path.as_uri(), second, "quick"),
        lambda: transfer(dataset_uri, second, tmp_path.as_uri(), "quick", overrides=SMALL),
    ):
        with pytest.raises(BadInput, match="learned 2 of the test pieces"):
            measure()


def test_what_training_goes_on_from_is_ahead(found, dataset_uri, bucket_uri):
    """The training from scratch is the fixture's, found again; the other goes on where it ended."""
    result = transfer(dataset_uri, found.model_uri, bucket_uri, "quick", overrides=SMALL)
    assert result.from_scratch == pytest.approx(found.nats_per_note)
    assert result.model_as_it_came == pytest.approx(found.unknown_nats_per_note)
    assert result.valid_from_model[0] < result.valid_from_scratch[0]
    assert result.from_model < result.from_scratch
    assert result.gain_percent > 0


def test_a_model_that_heard_the_test_pieces_is_no_start(found, tmp_path):
    """What are training pieces among ten pieces are test pieces among six."""
    small = make_dataset(tmp_path, pieces=6, bars=6, contents="1" * 16)
    with pytest.raises(BadInput, match="learned 2 of the test pieces"):
        transfer(small, found.model_uri, tmp_path.as_uri(), "quick", overrides=SMALL)
