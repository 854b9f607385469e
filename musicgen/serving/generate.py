"""The stage that lets the champion write one piece into a file."""

import time
from dataclasses import dataclass
from pathlib import Path

from musicgen import storage
from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.generation.engine import Engine, load_engine
from musicgen.generation.gan_engine import GanEngine
from musicgen.generation.request import Request
from musicgen.generation.sound import render_wav
from musicgen.music.grid import GridScore
from musicgen.music.midi import write_midi
from musicgen.registry.champion import champion
from musicgen.settings import as_uri, expanded, settings


@dataclass(frozen=True)
class GenerateResult:
    """What was written.

    Attributes:
        path: the file.
        notes: how many notes the piece has.
        seconds: its playing time.
        version: the model version that made it, such as ``lstm-3``.
        seed: with the version and the request's other fields, what makes it again.
        elapsed_seconds: time taken, loading the model included.
    """

    path: str
    notes: int
    seconds: float
    version: str
    seed: int
    elapsed_seconds: float


def generate(
    bucket_uri: str,
    request: Request,
    family: str | None,
    output_path: str,
    end_seed: int | None = None,
) -> GenerateResult:
    """Make a piece with the champion and write it, whole or not at all.

    Args:
        bucket_uri: where the champion is.
        request: what to make.
        family: whose champion; None means the overall one.
        output_path: local file; ``.mid`` or ``.wav`` chooses the format.
        end_seed: lead from the request's seed to this one; a GAN alone can.

    Raises:
        BadInput: nothing was promoted yet, the model never met the composer or ensemble, the
            suffix is another one, or the file's directory does not exist.
    """
    started = time.monotonic()
    path = _checked(expanded(str(output_path)))
    pointer = champion(bucket_uri, family)
    score = _played(load_engine(Bundle.load(pointer.bundle_uri)), request, end_seed)
    try:
        storage.write_bytes(as_uri(str(path)), _rendered(score, path))
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from None
    elapsed = time.monotonic() - started
    return GenerateResult(
        str(path),
        len(score.notes),
        round(score.duration_seconds, 3),
        pointer.version,
        request.seed,
        round(elapsed, 3),
    )


def _played(engine: Engine, request: Request, end_seed: int | None) -> GridScore:
    if end_seed is None:
        return engine.generate([request])[0]
    if not isinstance(engine, GanEngine):
        raise BadInput("A GAN alone leads from seed to seed: ask for it with --family gan.")
    return engine.interpolate(request, end_seed)


def _checked(path: Path) -> Path:
    """Refuse a place where nothing can be written before any music is made."""
    if not path.name:
        raise BadInput("An output file is needed: name one that ends in .mid or .wav.")
    if path.suffix.lower() not in (".mid", ".wav"):
        raise BadInput(f"{path} ends in neither .mid nor .wav: rename it to choose a format.")
    if not path.parent.is_dir():
        raise BadInput(f"The directory {path.parent} does not exist: create it first.")
    if path.is_dir():
        raise BadInput(f"{path} is a directory: name a file in it.")
    return path


def _rendered(score: GridScore, path: Path) -> bytes:
    if path.suffix.lower() == ".mid":
        return write_midi(score)
    return render_wav(score, settings().soundfont_path)
