"""How fast the LSTM trains: this project's layer beside Keras's own and PyTorch's."""

import sys
from dataclasses import dataclass
from pathlib import Path

from musicgen.benchmark.children import measured

TOKENS, BATCH_SIZE, STEPS = 512, 32, 128


@dataclass(frozen=True)
class TrainingSpeed:
    """Tokens per second of processor time: medians, forward, backward and Adam.

    Attributes:
        stock_keras: ``keras.layers.LSTM``.
        ours: ``HoistedLSTM``.
        torch: ``torch.nn.LSTM``; None where no environment with PyTorch was named.
        ours_to_stock: ratio.
        ours_to_torch: ratio, or None.
        units: of each layer.
        layers: number of LSTM layers.
    """

    stock_keras: float
    ours: float
    torch: float | None
    ours_to_stock: float
    ours_to_torch: float | None
    units: int
    layers: int


def training_speed(units: int, layers: int, torch_python: Path | None) -> TrainingSpeed:
    """Measure each in a process of its own: 512 tokens, batches of 32 windows of 128.

    Args:
        units: of each layer.
        layers: number of LSTM layers.
        torch_python: the Python of an environment with PyTorch, which this project doesn't need.

    Raises:
        MusicgenError: a measuring process failed.
    """
    sizes = [str(size) for size in (units, layers, TOKENS, BATCH_SIZE, STEPS)]
    keras = measured([sys.executable, "-m", "musicgen.benchmark.training_speed", *sizes])
    torch = None
    if torch_python:
        script = Path(__file__).with_name("torch_speed.py")
        torch = measured([str(torch_python), "-I", str(script), *sizes])["torch"]
    return TrainingSpeed(
        stock_keras=round(keras["stock"]),
        ours=round(keras["ours"]),
        torch=torch and round(torch),
        ours_to_stock=round(keras["ours"] / keras["stock"], 2),
        ours_to_torch=torch and round(keras["ours"] / torch, 2),
        units=units,
        layers=layers,
    )
