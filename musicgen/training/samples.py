"""Music that a model makes while it learns."""

import logging
import re
from collections.abc import Callable
from pathlib import Path

import keras

from musicgen.bundle import Bundle
from musicgen.errors import MusicgenError
from musicgen.generation.engine import learned_names, load_engine
from musicgen.generation.request import UNKNOWN, Request
from musicgen.generation.sound import render_wav
from musicgen.music.grid import GridScore
from musicgen.music.midi import write_midi
from musicgen.settings import settings
from musicgen.training.pictures import piano_roll_png

LOG = logging.getLogger(__name__)
BARS = 8
NAME_BYTES = 100


def write_samples(bundle: Bundle, count: int, directory: Path) -> list[GridScore]:
    """Let a model play; writes MIDI, WAV and a picture of each piece, and returns the scores.

    For what is played, see ``sample_requests``.
    """
    requests = sample_requests(bundle, count, BARS)
    directory.mkdir(parents=True, exist_ok=True)
    scores = load_engine(bundle).generate(requests)
    for request, score in zip(requests, scores, strict=True):
        path = directory / f"{request.seed:02d}-{_file_name(request.composer)}.mid"
        path.write_bytes(write_midi(score))
        path.with_suffix(".png").write_bytes(piano_roll_png(score))
        path.with_suffix(".wav").write_bytes(render_wav(score, settings().soundfont_path))
    return scores


def sample_requests(bundle: Bundle, count: int, bars: int) -> list[Request]:
    """Return what a model is asked for while it learns.

    Composers and ensembles come in turn, those with most of the training music first, for of them
    there is most to learn; the seeds are always the same, so that one hears it learn.
    """
    composers, ensembles = (_by_share(bundle, kind) for kind in ("composers", "ensembles"))
    return [
        Request(
            seed=index,
            composer=composers[index % len(composers)],
            ensemble=ensembles[index % len(ensembles)] if len(composers) == 1 else UNKNOWN,
            bars=bars,
        )
        for index in range(count)
    ]


def _by_share(bundle: Bundle, kind: str) -> list[str]:
    """Return the names that a model learned from; equals stay in the order of the alphabet."""
    shares = bundle.model.get("shares", {}).get(kind, {})
    names = [name for name in learned_names(bundle, kind) if name != UNKNOWN]
    return sorted(names, key=lambda name: -shares.get(name, 0)) or [UNKNOWN]


class Samples(keras.callbacks.Callback):
    """Writes a set of samples every few epochs and hands it in.

    A model that plays badly, or not at all, is no reason to end its training.

    Args:
        bundle: returns the model as it is now.
        every: epochs between two sets.
        count: pieces in a set.
        directory: where the sets go, one directory each.
        hand_in: takes the directory of a finished set, and the model.
    """

    def __init__(
        self,
        bundle: Callable[[], Bundle],
        every: int,
        count: int,
        directory: Path,
        hand_in: Callable[[Path, Bundle], None],
    ) -> None:
        super().__init__()
        self._bundle = bundle
        self._every = every
        self._count = count
        self._directory = directory
        self._hand_in = hand_in

    def on_epoch_end(self, epoch, logs=None):
        """Play, if it is time."""
        if (epoch + 1) % self._every:
            return
        target = self._directory / f"epoch-{epoch + 1:04d}"
        try:
            bundle = self._bundle()
            write_samples(bundle, self._count, target)
            self._hand_in(target, bundle)
        except MusicgenError as error:
            LOG.warning("No samples after epoch %d: %s", epoch + 1, error)


def _file_name(name: str) -> str:
    text = "-".join(re.findall(r"[^\W_]+", name.lower()))
    return text.encode()[:NAME_BYTES].decode(errors="ignore")  # file systems count bytes
