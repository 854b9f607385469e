"""Small corpus snapshots, as ingest would leave them."""

from collections.abc import Iterable
from dataclasses import replace

from datasets import small_piece, small_score

from musicgen import manifest, storage
from musicgen.corpus.piece import Piece
from musicgen.music.midi import write_midi

BARS = 8


def small_music(number: int) -> bytes:
    """The MIDI file of piece ``number``."""
    return write_midi(small_score(number, BARS, family=number % 2))


def small_pieces(count: int, **changes: dict[int, object]) -> list[Piece]:
    """Pieces of one work each; ``work={3: "x"}`` gives piece 3 the work ``x``."""
    pieces = [small_piece(number) for number in range(count)]
    for field, values in changes.items():
        for number, value in values.items():
            pieces[number] = replace(pieces[number], **{field: value})
    return pieces


def write_snapshot(tmp_path, pieces: Iterable[Piece], music: dict[int, bytes] | None = None) -> str:
    """Commit a snapshot of these pieces and return its URI; ``music`` replaces some files."""
    uri = (tmp_path / "corpora" / "exercises" / "0123456789abcdef").as_uri()
    lines = []
    for number, piece in enumerate(pieces):
        data = music[number] if music and number in music else small_music(number)
        storage.write_bytes(storage.join(uri, piece.midi_path), data)
        lines.append(piece.to_json() + "\n")
    storage.write_bytes(storage.join(uri, "pieces.jsonl"), "".join(lines).encode())
    manifest.commit(uri, manifest.hashes(uri), corpus="exercises", pieces=len(lines))
    return uri
