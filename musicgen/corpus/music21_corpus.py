"""The corpus that comes with music21: chorales, quartets and madrigals, without a download."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from musicgen import manifest
from musicgen.corpus.code import code_digests
from musicgen.corpus.music21_works import COMPOSERS, Encoding, encodings
from musicgen.corpus.musicxml import read_musicxml
from musicgen.corpus.part_names import program_of_name
from musicgen.corpus.progress import track
from musicgen.corpus.protocol import Delivery, delivery
from musicgen.corpus.sheet import Part, Sheet, to_midi
from musicgen.errors import BadInput, UnreadableMusic

VOICE_PROGRAM = 52

_log = logging.getLogger(__name__)


class Music21Corpus:
    """The classical, polyphonic part of music21's corpus, as MIDI.

    The source may be a list of composers, ``bach,mozart``; None takes all of them.
    """

    name = "music21"
    licence = "BSD-3-Clause (music21); encodings by their authors, some not for commercial use"
    home = "the corpus in the music21 package"

    def fingerprint(self, source: str | None) -> str:
        """Name the scores and the code that reads them, without reading any."""
        return manifest.digest(
            {
                "code": code_digests(),
                "versions": [version("music21"), version("symusic")],
                "composers": _composers(source),
            }
        )

    def deliveries(self, source: str | None, staging: Path) -> Iterator[Delivery]:
        """Convert and give each piece; see ``Corpus``."""
        root = _root()
        taken = list(encodings(root, _composers(source)))
        titles = _chorale_titles() if any(encoding.chorale for encoding in taken) else {}
        for encoding in track(taken, len(taken), "Reading scores"):
            try:
                sheet = read_musicxml((root / encoding.name).read_bytes())
            except UnreadableMusic as error:
                _log.warning("%s cannot be read: %s", encoding.name, error)
                continue
            yield _delivery(encoding, _with_programs(sheet, encoding.program), titles)


def _delivery(encoding: Encoding, sheet: Sheet, titles: dict[str, str]) -> Delivery:
    first_line = titles.get(encoding.chorale)
    return delivery(
        encoding.piece_id,
        midi=to_midi(sheet, encoding.tempo_qpm),
        composer=encoding.composer,
        ensemble=encoding.ensemble or _chorale_ensemble(sheet.parts),
        work=encoding.work,
        title=f"{first_line} ({encoding.title})" if first_line else encoding.title,
        official_split=None,
        source=encoding.name,
    )


def _with_programs(sheet: Sheet, fallback: int) -> Sheet:
    """Give every part the program of its name, else the one in the file, else the fallback."""

    def program(part: Part) -> int:
        choices = (program_of_name(part.name), part.program, fallback)
        return next(choice for choice in choices if choice is not None)

    return replace(sheet, parts=[replace(part, program=program(part)) for part in sheet.parts])


def _chorale_ensemble(parts: list[Part]) -> str:
    voices = all(part.program == VOICE_PROGRAM for part in parts)
    return "Chorale" if voices else "Chorale with Instruments"


def _chorale_titles() -> dict[str, str]:
    """Return the chorales' first lines by number in the Bach catalogue, such as ``248.42``."""
    from music21.corpus.chorales import ChoraleListRKBWV

    return {number: entry["title"] for number, entry in ChoraleListRKBWV().byBWV.items()}


def _composers(source: str | None) -> list[str]:
    chosen = [name.strip() for name in (source or "").split(",") if name.strip()]
    unknown = [name for name in chosen if name not in COMPOSERS]
    if unknown:
        raise BadInput(
            f"music21's corpus has no composer {', '.join(unknown)} here: choose among "
            f"{', '.join(COMPOSERS)}."
        )
    return sorted(set(chosen)) or sorted(COMPOSERS)


def _root() -> Path:
    spec = find_spec("music21")
    root = Path(spec.origin).parent / "corpus" if spec and spec.origin else Path()
    if not (root / "bach").is_dir():
        raise BadInput(f"The music21 package here has no corpus in {root}: install it from PyPI.")
    return root
