"""What a small corpus gains from another's model: the same training, from it and from scratch."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from musicgen.benchmark.corpus import percent
from musicgen.benchmark.given_lstm import bundle_uri_of, lstm_bundle
from musicgen.bundle import Bundle
from musicgen.evaluation.heard import check_unheard
from musicgen.preprocess.dataset import Dataset
from musicgen.training.job import train

SHAPE = ("units", "layers", "embedding_dim")


@dataclass(frozen=True)
class Transfer:
    """Nats per note on the small corpus's test split, lower is better.

    Attributes:
        from_scratch: after training from random weights.
        from_model: after as many steps from the other model's weights.
        model_as_it_came: of the other model, before it met this corpus; told no labels.
        gain_percent: by how much the other model's weights make the nats fewer.
        valid_from_scratch: nats per valid frame after each epoch.
        valid_from_model: the same.
        training_tokens: of the small corpus.
        test_notes: of the small corpus.
        model_uri: the other model's bundle.
    """

    from_scratch: float
    from_model: float
    model_as_it_came: float
    gain_percent: float
    valid_from_scratch: list[float]
    valid_from_model: list[float]
    training_tokens: int
    test_notes: int
    model_uri: str


def transfer(
    dataset_uri: str,
    init_from: str,
    bucket_uri: str,
    profile: str,
    seed: int = 0,
    overrides: dict[str, Any] | None = None,
) -> Transfer:
    """Train twice through the pipeline's own job, and read the test set at the end.

    Args:
        dataset_uri: the small corpus.
        init_from: an MLflow run, or the URI of a training or bundle; its sizes are taken.
        bucket_uri: where the trainings go; they are found again.
        profile: training profile of the LSTM.
        seed: of both trainings.
        overrides: training settings by name.

    Raises:
        BadInput: the dataset, the model or a setting cannot be used, or the model has heard test
            pieces.
    """
    from musicgen.benchmark.bundled_lstm import bundled_lstm
    from musicgen.benchmark.piece_nats import PieceNats, sizes
    from musicgen.training.pieces import Pieces

    dataset, model_uri = Dataset.open(dataset_uri), bundle_uri_of(init_from)
    bundle = lstm_bundle(model_uri)
    check_unheard(model_uri, dataset)
    settings = {**(overrides or {}), **{name: bundle.model[name] for name in SHAPE}}
    trained = partial(
        train, "lstm", dataset_uri, bucket_uri, profile=profile, seed=seed, overrides=settings
    )
    scratch, started = trained(), trained(init_from=model_uri)
    pieces = Pieces.read(dataset, "test")
    _, notes = sizes(pieces.tokens, dataset.vocabulary)
    unlabelled = np.zeros_like(pieces.composer)

    def nats(uri: str, composer: np.ndarray, ensemble: np.ndarray) -> float:
        model = bundled_lstm(Bundle.load(uri))
        return PieceNats(model, pieces).total(composer, ensemble) / notes

    from_scratch = nats(scratch.model_uri, pieces.composer, pieces.ensemble)
    from_model = nats(started.model_uri, pieces.composer, pieces.ensemble)
    return Transfer(
        from_scratch=from_scratch,
        from_model=from_model,
        model_as_it_came=nats(model_uri, unlabelled, unlabelled),
        gain_percent=percent(from_model, from_scratch),
        valid_from_scratch=_valid(scratch.run_id),
        valid_from_model=_valid(started.run_id),
        training_tokens=len(Pieces.read(dataset, "train").tokens),
        test_notes=notes,
        model_uri=model_uri,
    )


def _valid(run_id: str) -> list[float]:
    from musicgen.training.tracking import Tracker

    history = Tracker().client.get_metric_history(run_id, "val_nats_per_frame")
    return [round(metric.value, 3) for metric in sorted(history, key=lambda metric: metric.step)]
