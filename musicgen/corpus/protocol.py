"""What a corpus promises to the ingest stage."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from musicgen.corpus.piece import Piece


@dataclass(frozen=True)
class Delivery:
    """A piece with its bytes, on the way into a snapshot.

    Attributes:
        piece: names its files by their paths in the snapshot.
        files: the bytes by those paths.
    """

    piece: Piece
    files: dict[str, bytes]


class Corpus(Protocol):
    """A source of pieces. There is one small module for each.

    Attributes:
        name: as the command line spells it; part of the snapshot's URI.
        licence: of the music, as its publishers state it.
        home: where the corpus comes from when nobody says where.
    """

    name: str
    licence: str
    home: str

    def fingerprint(self, source: str | None) -> str | None:
        """Name the music that ``deliveries`` would give, where that is cheap to know, else None.

        It spares the work of delivering once more what a bucket already holds.

        Raises:
            BadInput: the source cannot be used.
        """
        ...

    def deliveries(self, source: str | None, staging: Path) -> Iterator[Delivery]:
        """Give the pieces one by one, in any order.

        Args:
            source: where the corpus is, in whatever form the corpus understands; None for home.
            staging: an empty directory for what has to be unpacked; the caller removes it.

        Raises:
            BadInput: the source is missing, unreachable, damaged, or holds no music.
        """
        ...


def delivery(
    piece_id: str, *, midi: bytes | None = None, labels: bytes | None = None, **facts: str | None
) -> Delivery:
    """Pack a piece with its bytes, choosing the paths that they get in a snapshot.

    Args:
        piece_id: see ``Piece``.
        midi: a Standard MIDI File.
        labels: a label file in MusicNet's format.
        facts: the other fields of ``Piece``, all but its paths.
    """
    files: dict[str, bytes] = {}
    midi_path = labels_path = None
    if midi is not None:
        midi_path = f"music/{piece_id}.mid"
        files[midi_path] = midi
    if labels is not None:
        labels_path = f"labels/{piece_id}.csv"
        files[labels_path] = labels
    piece = Piece(piece_id=piece_id, midi_path=midi_path, labels_path=labels_path, **facts)
    return Delivery(piece, files)
