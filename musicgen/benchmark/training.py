"""How fast the LSTM trains: its layer beside Keras's and PyTorch's, the job beside ``fit``."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from musicgen.benchmark.children import measured

TOKENS, BATCH_SIZE, STEPS = 512, 32, 128
EPOCHS, STEPS_PER_EPOCH = 4, 80


@dataclass(frozen=True)
class TrainingSpeed:
    """Tokens per second, medians, forward, backward and Adam; and what the job adds to ``fit``.

    Attributes:
        stock_keras: of ``keras.layers.LSTM``, a second of processor time.
        ours: of ``HoistedLSTM``.
        torch: of ``torch.nn.LSTM``, on one thread or on all, whichever is quicker; None where no
            environment with PyTorch was named.
        ours_to_stock: ratio.
        ours_to_torch: ratio, or None.
        stock_keras_by_the_clock: a second by the clock, which other programs may slow.
        ours_by_the_clock: the same.
        torch_by_the_clock: the same.
        ours_to_torch_by_the_clock: ratio, or None.
        job_overhead_percent: by how much an epoch of the training job takes longer than one of
            bare ``fit`` on tensors in memory, in processor time; same model, batches, validation.
        job_overhead_by_the_clock_percent: the same by the clock.
        job_total: seconds of processor time of the whole job, from dataset to committed bundle.
        bare_total: the same of bare ``fit`` and all that it needs.
        units: of each layer.
        layers: number of LSTM layers.
    """

    stock_keras: float
    ours: float
    torch: float | None
    ours_to_stock: float
    ours_to_torch: float | None
    stock_keras_by_the_clock: float
    ours_by_the_clock: float
    torch_by_the_clock: float | None
    ours_to_torch_by_the_clock: float | None
    job_overhead_percent: float
    job_overhead_by_the_clock_percent: float
    job_total: float
    bare_total: float
    units: int
    layers: int


def training_speed(units: int, layers: int, torch_python: Path | None) -> TrainingSpeed:
    """Measure each in a process of its own: 512 tokens, batches of 32 windows of 128.

    The job makes one set of samples, after its last epoch, so that they count in the total alone.

    Args:
        units: of each layer.
        layers: number of LSTM layers.
        torch_python: the Python of an environment with PyTorch, which this project doesn't need.

    Raises:
        MusicgenError: a measuring process failed.
    """
    sizes = [str(size) for size in (units, layers, TOKENS, BATCH_SIZE, STEPS)]
    torch = torch_clock = None
    if torch_python:
        script = Path(__file__).with_name("torch_speed.py")
        torch, torch_clock = measured([str(torch_python), "-I", str(script), *sizes])["torch"]
    keras = measured([sys.executable, "-m", "musicgen.benchmark.training_speed", *sizes])
    (stock, stock_clock), (ours, ours_clock) = keras["stock"], keras["ours"]
    job, bare = _job_beside_fit(units, layers)
    return TrainingSpeed(
        stock_keras=round(stock),
        ours=round(ours),
        torch=torch and round(torch),
        ours_to_stock=round(ours / stock, 2),
        ours_to_torch=torch and round(ours / torch, 2),
        stock_keras_by_the_clock=round(stock_clock),
        ours_by_the_clock=round(ours_clock),
        torch_by_the_clock=torch_clock and round(torch_clock),
        ours_to_torch_by_the_clock=torch_clock and round(ours_clock / torch_clock, 2),
        job_overhead_percent=_more(job, bare, "epoch_processor_seconds"),
        job_overhead_by_the_clock_percent=_more(job, bare, "epoch_seconds"),
        job_total=round(job["total_processor_seconds"], 2),
        bare_total=round(bare["total_processor_seconds"], 2),
        units=units,
        layers=layers,
    )


def _job_beside_fit(units: int, layers: int) -> list[dict[str, float]]:
    """Return what ``job_speed`` tells of the job and of bare ``fit``."""
    chosen = {
        "units": units,
        "layers": layers,
        "embedding_dim": units,
        "batch_size": BATCH_SIZE,
        "window_tokens": STEPS,
        "epochs": EPOCHS,
        "steps_per_epoch": STEPS_PER_EPOCH,
        "samples_every": EPOCHS,
    }
    with TemporaryDirectory() as directory:
        module = [sys.executable, "-m", "musicgen.benchmark.job_speed", directory]
        return [measured([*module, kind, json.dumps(chosen)]) for kind in ("job", "bare")]


def _more(job: dict[str, float], bare: dict[str, float], name: str) -> float:
    return round(100 * (job[name] / bare[name] - 1), 2)
