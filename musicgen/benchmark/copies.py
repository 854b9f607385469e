"""A corpus many times over, for measuring how work grows with it."""

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import symusic

from musicgen import manifest, storage
from musicgen.corpus.piece import Piece
from musicgen.corpus.reader import read_pieces
from musicgen.music.repair import repaired

KEYS = 25
"""Copies are transposed by an octave at most, down or up; then they lack their first notes too."""


def copied_corpus(corpus_uri: str, copies: int, bucket_uri: str) -> str:
    """Write a snapshot with ``copies`` transposed copies of each piece that has MIDI.

    No two copies have the same notes, so none is left out as a duplicate of another; they belong
    to the work of their piece. Returns the snapshot's URI; one that is there is not made again.
    """
    document = manifest.load(corpus_uri)
    name = f"{document['corpus']}-x{copies}"
    digest = manifest.digest([corpus_uri.rpartition("/")[2], copies])
    uri = storage.join(bucket_uri, "corpora", name, digest)
    if manifest.exists(uri):
        return uri
    pieces = [piece for piece in read_pieces(corpus_uri) if piece.midi_path]
    copy = partial(_copy_piece, corpus_uri, uri, copies)
    with ProcessPoolExecutor() as pool:
        made = [line for lines in pool.map(copy, pieces, chunksize=8) for line in lines]
    lines = sorted(made, key=lambda line: json.loads(line)["piece_id"])
    storage.write_bytes(storage.join(uri, "pieces.jsonl"), "".join(lines).encode())
    files = {"pieces.jsonl": storage.sha256(storage.join(uri, "pieces.jsonl"))}
    manifest.commit(uri, files, corpus=name, licence=document["licence"], pieces=len(lines))
    return uri


def _copy_piece(corpus_uri: str, uri: str, copies: int, piece: Piece) -> list[str]:
    data = storage.read_bytes(storage.join(corpus_uri, piece.midi_path))
    lines = []
    for number, music in enumerate(transposed(data, copies)):
        piece_id = f"{piece.piece_id}-{number:04d}"
        copy = replace(
            piece, piece_id=piece_id, midi_path=f"music/{piece_id}.mid", labels_path=None
        )
        storage.write_bytes(storage.join(uri, copy.midi_path), music)
        lines.append(copy.to_json() + "\n")
    return lines


def transposed(data: bytes, copies: int) -> Iterator[bytes]:
    """Yield a MIDI file as it is, then in other keys; what cannot be read stays as it is."""
    for number in range(copies):
        try:
            midi = symusic.Score.from_midi(repaired(data)) if number else None
        except (RuntimeError, ValueError):
            midi = None
        yield _transposed(midi, number) if midi and midi.tracks else data


def _transposed(midi, number: int) -> bytes:
    without, key = divmod(number, KEYS)
    semitones = key if key <= KEYS // 2 else key - KEYS
    for track in midi.tracks:
        pitches = [note.pitch for note in track.notes]
        if pitches and not track.is_drum and min(pitches) + semitones >= 0:
            track.shift_pitch(min(semitones, 127 - max(pitches)), inplace=True)
    longest = max(midi.tracks, key=lambda track: len(track.notes))
    longest.notes = longest.notes[without:]
    return bytes(midi.dumps_midi())
