"""How well the LSTM predicts a corpus: beside a 5-gram model, and with false labels."""

import logging
import statistics
from dataclasses import dataclass
from typing import Any

import numpy as np

from musicgen.benchmark.given_lstm import bundle_uri_of, lstm_bundle
from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.evaluation.heard import check_unheard
from musicgen.preprocess.dataset import Dataset
from musicgen.training.job import train

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class CorpusLikelihood:
    """Nats on the whole test split, lower is better; every token is counted, all tokens' nats
    are spread over notes or frames.

    Attributes:
        nats_per_note: of the LSTM, with the composers and ensembles that the pieces have.
        nats_per_frame: the same over frames.
        five_gram_nats_per_note: modified Kneser-Ney on the same training tokens.
        five_gram_nats_per_frame: the same over frames.
        five_gram_in_all_keys_nats_per_note: the same on the training pieces in all keys that the
            vocabulary holds, which LSTMs are trained in too.
        gain_percent: by how much the LSTM's nats are fewer than the 5-gram model's.
        gain_over_all_keys_percent: by how much, where that model learned in all keys.
        shuffled_nats_per_note: of the LSTM, composers and ensembles each shuffled among the test
            pieces; mean over shuffles.
        shuffled_nats_per_note_spread: their standard deviation; 0 for a single shuffle.
        unknown_nats_per_note: of the LSTM, told nothing.
        gain_over_shuffled_percent: by how much true labels make the LSTM's nats fewer.
        gain_over_unknown_percent: the same against no labels.
        shuffles: number of shuffles.
        pieces: of the test split.
        tokens: of the test split.
        frames: of the test split.
        notes: of the test split.
        training_tokens: of the train split.
        training_seconds: of the LSTM; None where it was given.
        five_gram_seconds: counting and predicting, in the keys as written.
        model_uri: the LSTM's bundle.
    """

    nats_per_note: float
    nats_per_frame: float
    five_gram_nats_per_note: float
    five_gram_nats_per_frame: float
    five_gram_in_all_keys_nats_per_note: float
    gain_percent: float
    gain_over_all_keys_percent: float
    shuffled_nats_per_note: float
    shuffled_nats_per_note_spread: float
    unknown_nats_per_note: float
    gain_over_shuffled_percent: float
    gain_over_unknown_percent: float
    shuffles: int
    pieces: int
    tokens: int
    frames: int
    notes: int
    training_tokens: int
    training_seconds: float | None
    five_gram_seconds: float
    model_uri: str


def corpus_likelihood(
    dataset_uri: str,
    bucket_uri: str,
    model: str | None,
    profile: str,
    seed: int = 0,
    overrides: dict[str, Any] | None = None,
    shuffles: int = 5,
) -> CorpusLikelihood:
    """Train an LSTM through the pipeline's own job, or take one, and read the test set once.

    Args:
        dataset_uri: whose train split both models learn, and whose test split they predict.
        bucket_uri: where the training goes; it is found again.
        model: an MLflow run, or the URI of a training or bundle; None trains one.
        profile: training profile of the LSTM.
        seed: of the training and the shuffles.
        overrides: training settings by name.
        shuffles: how often to shuffle labels.

    Raises:
        BadInput: the dataset or a setting cannot be used, or the model is no LSTM of this dataset.
    """
    from musicgen.benchmark.five_gram import FiveGramNats
    from musicgen.benchmark.piece_nats import sizes
    from musicgen.training.pieces import Pieces

    dataset = Dataset.open(dataset_uri)
    seconds = None
    if model:
        model_uri = bundle_uri_of(model)
    else:
        trained = train(
            "lstm", dataset_uri, bucket_uri, profile=profile, seed=seed, overrides=overrides
        )
        model_uri, seconds = trained.model_uri, trained.seconds
    bundle = _bundle_of(model_uri, dataset)
    learnt, pieces = (Pieces.read(dataset, split) for split in ("train", "test"))
    frames, notes = sizes(pieces.tokens, dataset.vocabulary)
    five_gram = FiveGramNats.measure(learnt, pieces, dataset.vocabulary)
    true, unknown, shuffled = _lstm_nats(bundle, pieces, seed, shuffles)
    mean_shuffled = statistics.fmean(shuffled)
    return CorpusLikelihood(
        nats_per_note=true / notes,
        nats_per_frame=true / frames,
        five_gram_nats_per_note=five_gram.as_written / notes,
        five_gram_nats_per_frame=five_gram.as_written / frames,
        five_gram_in_all_keys_nats_per_note=five_gram.in_all_keys / notes,
        gain_percent=percent(true, five_gram.as_written),
        gain_over_all_keys_percent=percent(true, five_gram.in_all_keys),
        shuffled_nats_per_note=mean_shuffled / notes,
        shuffled_nats_per_note_spread=statistics.stdev(shuffled) / notes if shuffles > 1 else 0.0,
        unknown_nats_per_note=unknown / notes,
        gain_over_shuffled_percent=percent(true, mean_shuffled),
        gain_over_unknown_percent=percent(true, unknown),
        shuffles=shuffles,
        pieces=len(pieces.composer),
        tokens=len(pieces.tokens),
        frames=frames,
        notes=notes,
        training_tokens=len(learnt.tokens),
        training_seconds=seconds,
        five_gram_seconds=round(five_gram.seconds, 2),
        model_uri=model_uri,
    )


def _bundle_of(uri: str, dataset: Dataset) -> Bundle:
    bundle = lstm_bundle(uri)
    if bundle.provenance.get("dataset_id") != dataset.dataset_id:
        raise BadInput(
            f"{uri} learned from another dataset, so it may know the test pieces of "
            f"{dataset.uri}; give an LSTM of that dataset."
        )
    check_unheard(uri, dataset)
    return bundle


def _lstm_nats(
    bundle: Bundle, pieces, seed: int, shuffles: int
) -> tuple[float, float, list[float]]:
    """Return nats with true labels, with none, and with each shuffle of them."""
    from musicgen.benchmark.bundled_lstm import bundled_lstm
    from musicgen.benchmark.piece_nats import PieceNats

    LOG.info("LSTM: %d tokens, %d times", len(pieces.tokens), shuffles + 2)
    nats = PieceNats(bundled_lstm(bundle), pieces)
    unlabelled = np.zeros_like(pieces.composer)
    random = np.random.default_rng(seed)
    shuffled = [
        nats.total(random.permutation(pieces.composer), random.permutation(pieces.ensemble))
        for _ in range(shuffles)
    ]
    return (
        nats.total(pieces.composer, pieces.ensemble),
        nats.total(unlabelled, unlabelled),
        shuffled,
    )


def percent(found: float, peer: float) -> float:
    """Return by how much less this is than a peer's, in per cent."""
    return round(100 * (1 - found / peer), 2)
