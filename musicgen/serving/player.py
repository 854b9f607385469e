"""A version of a model, ready to play."""

import logging
from dataclasses import dataclass
from typing import Any

from musicgen.errors import BadInput, MusicgenError
from musicgen.generation.engine import Engine, load_engine
from musicgen.generation.request import Request
from musicgen.serving.piece_id import VERSION
from musicgen.serving.shelf import Away, Shelf

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Player:
    """A loaded version.

    Attributes:
        version: such as ``lstm-3``.
        engine: what plays it.
        provenance: where it comes from, as its bundle tells.
        shares: how much of what it learned from each of its composers and ensembles was; empty
            where the bundle does not tell.
        digest: of its bundle's files: in a bucket made anew, a version of this name has another.
    """

    version: str
    engine: Engine
    provenance: dict[str, Any]
    shares: dict[str, dict[str, float]]
    digest: str


def loaded(shelf: Shelf, version: str) -> Player:
    """Load a version from the shelf and let it play once.

    Raises:
        Away: the bucket cannot be read, or this machine has no room for it now.
        BadInput: there is no such version, or it cannot play.
    """
    if not VERSION.fullmatch(version):
        raise BadInput("versions are named like lstm-3.")
    try:
        bundle = shelf.bundle(version)
        engine = load_engine(bundle)
        engine.generate([Request(0, bars=1)])  # warm, and proof that it plays
    except Exception as error:
        if not isinstance(error, MusicgenError):
            log.exception("%s cannot be loaded", version)
            error = _why_not(version, error)
        raise error from None
    log.info("%s is loaded", version)
    return Player(version, engine, bundle.provenance, bundle.model.get("shares", {}), bundle.digest)


def _why_not(version: str, error: Exception) -> MusicgenError:
    """Say what keeps a version from loading: a full disk passes, a broken bundle does not."""
    name = type(error).__name__
    will_pass = isinstance(error, (OSError, MemoryError))
    if will_pass and not isinstance(error, FileNotFoundError):
        cause = getattr(error, "strerror", None) or name
        return Away(f"{version} cannot be loaded now ({cause}): try again in a moment.")
    return BadInput(f"{version} cannot be loaded ({name}); the server's log says what is wrong.")
