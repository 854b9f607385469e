"""A piece of a corpus: one line of a snapshot's ``pieces.jsonl``."""

import json
import re
from dataclasses import asdict, dataclass, fields

from musicgen.errors import BadInput

UNKNOWN = "unknown"
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Piece:
    """One piece of music and where its files lie.

    Attributes:
        piece_id: unique in the corpus, of ``[A-Za-z0-9._-]``.
        composer: the name as people write it, or ``unknown``.
        ensemble: what plays, such as ``String Quartet``, or ``unknown``.
        work: key of the work that the piece is a part or a recording of; splits are by work.
        title: composition and movement, for people.
        midi_path: MIDI file relative to the snapshot, or None.
        labels_path: MusicNet label file relative to the snapshot, or None.
        official_split: ``test`` where the corpus's publishers say so, else None.
        source: the file or archive member that the piece came from, relative to its corpus.
    """

    piece_id: str
    composer: str
    ensemble: str
    work: str
    title: str
    midi_path: str | None
    labels_path: str | None
    official_split: str | None
    source: str

    def __post_init__(self) -> None:
        """Refuse what could not be stored, or would lead out of the snapshot.

        Raises:
            BadInput: the id or a path is not of the form that it must have.
        """
        if not _ID.fullmatch(self.piece_id):
            raise BadInput(f"{self.piece_id!r} is no piece id: use letters, digits, '.', '_', '-'.")
        paths = [path for path in (self.midi_path, self.labels_path) if path is not None]
        if not paths:
            raise BadInput(f"Piece {self.piece_id} has neither MIDI nor labels.")
        for path in paths:
            if path.startswith("/") or ".." in path.split("/"):
                raise BadInput(f"Piece {self.piece_id} names a file outside its corpus: {path}.")

    def to_json(self) -> str:
        """Return one line of JSON; equal pieces give equal lines."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, line: str) -> "Piece":
        """Read a line that ``to_json`` wrote.

        Raises:
            BadInput: it is no JSON object with the fields of a piece.
        """
        try:
            document = json.loads(line)
            return cls(**{field.name: document[field.name] for field in fields(cls)})
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"pieces.jsonl holds a line that is no piece ({error!r}).") from None
