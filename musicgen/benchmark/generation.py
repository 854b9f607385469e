"""How fast the LSTM plays: the engine beside plain Keras, each in a process of its own."""

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from musicgen.benchmark.children import measured
from musicgen.benchmark.fresh_bundle import fresh_lstm
from musicgen.bundle import Bundle
from musicgen.errors import BadInput

TOKENS_PER_SECOND_OF_MUSIC = 20
"""Chamber music of MusicNet takes so many tokens a second."""


@dataclass(frozen=True)
class GenerationSpeed:
    """Medians of five repeats; the engine has one core, Keras all.

    Attributes:
        naive_tokens_per_second: ``model.predict`` on a window of 128 tokens, for each token.
        keras_step_tokens_per_second: a compiled step of the Keras layers with carried state.
        engine_tokens_per_second: this project's engine, grammar and sampling included, batch 1.
        engine_tokens_per_processor_second: the same by the time that the processor gave it, which
            is what to compare where other programs share the machine.
        engine_tokens_per_second_batch_16: all sixteen pieces together.
        engine_tokens_per_processor_second_batch_16: the same by processor time.
        times_real_time: batch 1, at 20 tokens a second of music.
        first_note_ms: from the call to the first frame with a note.
        engine_memory_mb: peak of the engine's process, Python included.
        tensorflow_imported: whether that process ever imported it.
        units: of each layer.
        layers: number of LSTM layers.
    """

    naive_tokens_per_second: float
    keras_step_tokens_per_second: float
    engine_tokens_per_second: float
    engine_tokens_per_processor_second: float
    engine_tokens_per_second_batch_16: float
    engine_tokens_per_processor_second_batch_16: float
    times_real_time: float
    first_note_ms: float
    engine_memory_mb: float
    tensorflow_imported: bool
    units: int
    layers: int


def generation_speed(bundle_uri: str | None) -> GenerationSpeed:
    """Measure a bundle, or a model of 2 x 256 units with random weights where there is none.

    Raises:
        BadInput: the bundle is missing or no LSTM.
        MusicgenError: a measuring process failed.
    """
    with TemporaryDirectory() as directory:
        if bundle_uri is None:
            bundle_uri = Path(directory).as_uri()
            fresh_lstm().save(bundle_uri)
        bundle = Bundle.load(bundle_uri)
        if bundle.family != "lstm":
            raise BadInput(f"{bundle_uri} is a {bundle.family}; give the bundle of an LSTM.")
        figures = _played("keras_speed", bundle_uri) | _played("engine_speed", bundle_uri)
    figures = {
        name: round(value, 2) if isinstance(value, float) else value
        for name, value in figures.items()
    }
    speed = figures["engine_tokens_per_second"] / TOKENS_PER_SECOND_OF_MUSIC
    return GenerationSpeed(
        **figures,
        times_real_time=round(speed, 1),
        units=bundle.model["units"],
        layers=bundle.model["layers"],
    )


def _played(module: str, bundle_uri: str) -> dict[str, Any]:
    return measured([sys.executable, "-m", f"musicgen.benchmark.{module}", bundle_uri])
