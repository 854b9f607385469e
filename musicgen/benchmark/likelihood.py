"""How well the LSTM predicts music: test likelihood on published polyphonic benchmarks."""

import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from musicgen.benchmark.bundled_lstm import bundled_lstm
from musicgen.benchmark.frames import frames_dataset, read_frames
from musicgen.benchmark.piece_nats import PieceNats, sizes
from musicgen.bundle import Bundle
from musicgen.preprocess.dataset import Dataset
from musicgen.training.job import train
from musicgen.training.pieces import Pieces


@dataclass(frozen=True)
class Likelihood:
    """Test likelihood in nats, lower is better; means over seeds, spread as standard deviation.

    Attributes:
        test_nll_per_frame: all tokens of a frame, its end included, over all test frames.
        test_nll_per_frame_spread: 0 for a single seed.
        test_nll_per_note: the same nats spread over notes.
        ensemble_test_nll_per_frame: all seeds together, by the mean of their probabilities; the
            same number again for a single seed.
        valid_nll_per_frame: what chose the epoch; windowed, so slightly pessimistic.
        frames: number of test frames.
        seeds: number of trainings.
        seconds: mean time of a training.
        processor_seconds: mean processor time of all that this call did for a training, test
            included; what counts where other programs share the machine.
        parameters: of a model.
        by_seed: test nats per frame of each seed.
    """

    test_nll_per_frame: float
    test_nll_per_frame_spread: float
    test_nll_per_note: float
    ensemble_test_nll_per_frame: float
    valid_nll_per_frame: float
    frames: int
    seeds: int
    seconds: float
    processor_seconds: float
    parameters: int
    by_seed: list[float] = field(default_factory=list)


def likelihood(
    path: Path, bucket_uri: str, seeds: int, profile: str, overrides: dict[str, Any] | None = None
) -> Likelihood:
    """Train through the pipeline's own job, once for each seed, and read the test set at the end.

    Args:
        path: frames as JSON; see ``read_frames``.
        bucket_uri: where dataset and trainings go; they are found again.
        seeds: number of trainings, with seeds 0, 1, …
        profile: training profile of the LSTM.
        overrides: training settings by name.

    Raises:
        BadInput: the file or a setting cannot be used.
    """
    started = time.process_time()
    name = path.name.split(".")[0]
    dataset = Dataset.open(frames_dataset(read_frames(path), name, bucket_uri))
    trained = [
        train("lstm", dataset.uri, bucket_uri, profile=profile, seed=seed, overrides=overrides)
        for seed in range(seeds)
    ]
    pieces = Pieces.read(dataset, "test")
    nats = np.stack([_token_nats(result.model_uri, pieces) for result in trained])
    frames, notes = sizes(pieces.tokens, dataset.vocabulary)
    by_seed = [float(total) / frames for total in nats.sum(1)]
    return Likelihood(
        test_nll_per_frame=statistics.fmean(by_seed),
        test_nll_per_frame_spread=statistics.stdev(by_seed) if seeds > 1 else 0.0,
        test_nll_per_note=float(nats.sum(1).mean()) / notes,
        ensemble_test_nll_per_frame=float(mixture_nats(nats).sum()) / frames,
        valid_nll_per_frame=statistics.fmean(r.metrics["val_nats_per_frame"] for r in trained),
        frames=frames,
        seeds=seeds,
        seconds=statistics.fmean(result.seconds for result in trained),
        processor_seconds=round((time.process_time() - started) / seeds, 2),
        parameters=int(trained[0].metrics["parameters"]),
        by_seed=by_seed,
    )


def _token_nats(bundle_uri: str, pieces: Pieces) -> np.ndarray:
    model = bundled_lstm(Bundle.load(bundle_uri))
    return PieceNats(model, pieces).by_token(pieces.composer, pieces.ensemble)


def mixture_nats(nats: np.ndarray) -> np.ndarray:
    """Return the nats of models ``(M, N)`` that predict together by their mean probabilities."""
    return np.log(len(nats)) - np.logaddexp.reduce(-nats, axis=0)
