"""Small datasets in the real schema, made without Spark, for the tests of what comes after it."""

import numpy as np

from musicgen.corpus.piece import Piece
from musicgen.music.family import Family
from musicgen.music.grid import GRID_NOTE, GridScore, canonical
from musicgen.music.instrument import parts
from musicgen.music.score import Metre
from musicgen.preprocess.commit import Origin, commit_dataset
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.encoding import PlacedPiece, encode_piece
from musicgen.preprocess.schema import TABLES
from musicgen.preprocess.shards import write_shard

COMPOSERS = ("Bach", "Haydn")
ENSEMBLES = ("Solo Piano", "String Quartet")
_SCALE = (0, 2, 4, 5, 7, 9, 11)
_CHORDS = ((0, 2, 4), (3, 5, 0), (4, 6, 1), (0, 2, 4))  # I IV V I, as degrees of the scale


def small_score(seed: int, bars: int = 8, family: int = 0) -> GridScore:
    """A tune in sixteenths to quarters over held chords, in 4/4, in a key drawn from the seed."""
    random = np.random.default_rng(seed)
    key, notes, degree = int(random.integers(-3, 4)), [], 7
    for bar in range(bars):
        chord = _CHORDS[bar % len(_CHORDS)]
        notes += [(16 * bar, 16, 48 + key + _SCALE[step], family) for step in chord]
        step = 0
        while step < 16:
            duration = int(random.choice([1, 2, 2, 4, 4]))
            duration = min(duration, 16 - step)
            degree = int(np.clip(degree + random.integers(-2, 3), 5, 16))
            pitch = 60 + key + 12 * (degree // 7) + _SCALE[degree % 7]
            notes.append((16 * bar + step, duration, pitch, family))
            step += duration
    array = canonical(np.array(notes, GRID_NOTE))
    tempo = float(random.integers(80, 140))
    return GridScore(
        array,
        16 * bars,
        np.arange(0, 16 * bars, 16, np.int32),
        tempo_qpm=tempo,
        metres=(Metre(0.0, 4, 4),),
    )


def small_piece(number: int) -> Piece:
    """What a corpus would say of piece ``number``; composer and ensemble go together."""
    kind = number % 2
    return Piece(
        piece_id=f"piece-{number:03d}",
        composer=COMPOSERS[kind],
        ensemble=ENSEMBLES[kind],
        work=f"work-{number:03d}",
        title=f"Exercise {number}",
        midi_path=f"music/piece-{number:03d}.mid",
        labels_path=None,
        official_split=None,
        source=f"exercise {number}",
    )


def placed_piece(piece: Piece, split: str, score: GridScore) -> PlacedPiece:
    """Place a piece that each family's own instrument plays."""
    programs = np.array([Family(family).program for family in score.notes["family"]])
    return PlacedPiece(piece, split, score, parts(programs, score.notes["pitch"]))


def placed_pieces(pieces: int, bars: int = 8) -> list[PlacedPiece]:
    """The last two pieces are test, the two before valid, the others train."""
    splits = ["train"] * (pieces - 4) + ["valid"] * 2 + ["test"] * 2
    return [
        placed_piece(small_piece(n), split, small_score(n, bars, family=n % 2))
        for n, split in enumerate(splits)
    ]


def make_dataset(tmp_path, pieces: int = 12, bars: int = 8, contents: str = "0" * 16) -> str:
    """Write a dataset below a directory and return its URI.

    There are ``pieces`` (at least 5) pieces of ``bars`` bars of 4/4, by two composers in turn, in
    two shards; the last two are test, the two before valid. Datasets have one id, and
    lie in one place, unless the digests of their contents are said to differ.
    """
    return write_dataset(tmp_path, placed_pieces(pieces, bars), contents)


def write_dataset(tmp_path, placed: list[PlacedPiece], contents: str = "0" * 16) -> str:
    """Write a dataset of given pieces, in two shards, and return its URI."""
    origin = Origin("exercises", "file:///exercises", "0" * 16, contents, PreprocessConfig())
    uri = origin.dataset_uri(tmp_path.as_uri())
    parts = []
    for shard in range(2):
        tables = [encode_piece(p, origin.config) for p in placed[shard::2]]
        rows = {name: [t[name] for t in tables] for name in TABLES if name != "rejected"}
        parts += write_shard(uri, shard, rows)
    commit_dataset(uri, origin, parts, COMPOSERS, ENSEMBLES)
    return uri
