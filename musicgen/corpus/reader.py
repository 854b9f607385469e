"""Reading the pieces of a snapshot: what Spark's workers call, and light for that reason."""

from collections.abc import Iterator

from musicgen import storage
from musicgen.corpus.labels import read_labels
from musicgen.corpus.piece import Piece
from musicgen.errors import BadInput, UnreadableMusic
from musicgen.music.midi import Limits, read_midi
from musicgen.music.score import Score

VIEWS = ("auto", "labels", "midi")
_READERS = {"midi": read_midi, "labels": read_labels}


def read_pieces(corpus_uri: str) -> Iterator[Piece]:
    """List the pieces of a snapshot, by ascending id."""
    for line in storage.read_bytes(storage.join(corpus_uri, "pieces.jsonl")).splitlines():
        yield Piece.from_json(line.decode())


def read_piece(
    corpus_uri: str, piece: Piece, view: str = "auto", limits: Limits = Limits()
) -> Score:
    """Read a piece of a snapshot.

    Args:
        corpus_uri: the snapshot.
        piece: one of its pieces.
        view: ``midi``, ``labels``, or ``auto``: MIDI, and labels where that is missing or damaged.
        limits: what a piece may hold at the most.

    Raises:
        UnreadableMusic: no file of that view is there or can be taken.
        BadInput: there is no such view.
    """
    if view not in VIEWS:
        raise BadInput(f"There is no view {view!r}: choose one of {', '.join(VIEWS)}.")
    paths = {"midi": piece.midi_path, "labels": piece.labels_path}
    there = [name for name, path in paths.items() if path and view in ("auto", name)]
    if not there:
        raise UnreadableMusic(f"no_{view}", f"the corpus has no {view} of it")
    failures = []
    for name in there:
        try:
            data = _bytes(storage.join(corpus_uri, paths[name]), limits)
            return _READERS[name](data, limits)
        except UnreadableMusic as error:
            failures.append(error)
    raise failures[0]


def _bytes(uri: str, limits: Limits) -> bytes:
    """Read at most one byte more than the limit, which is enough to see that it is exceeded."""
    try:
        with storage.open_read(uri) as stream:
            return stream.read(limits.bytes + 1)
    except FileNotFoundError:
        raise UnreadableMusic("missing_file", uri) from None
