"""The first pass: every piece of a corpus is read once, and a small row of facts remains."""

from collections.abc import Callable, Iterator

import pyarrow as pa
from pyspark import Accumulator
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from musicgen import storage
from musicgen.corpus.piece import Piece
from musicgen.corpus.prefetch import map_ahead
from musicgen.errors import UnreadableMusic
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.fingerprint import fingerprint
from musicgen.preprocess.reading import read_for_dataset

PIECES = "pieces.jsonl"
PIECE_COLUMNS = [
    pa.field("piece_id", pa.string()),
    pa.field("composer", pa.string()),
    pa.field("ensemble", pa.string()),
    pa.field("work", pa.string()),
    pa.field("title", pa.string()),
    pa.field("midi_path", pa.string()),
    pa.field("labels_path", pa.string()),
    pa.field("official_split", pa.string()),
    pa.field("source", pa.string()),
]
SURVEY = pa.schema(
    [
        *PIECE_COLUMNS,
        pa.field("fingerprint", pa.string()),  # null where the piece is rejected
        pa.field("notes", pa.int32()),
        pa.field("frames", pa.int32()),
        pa.field("reason", pa.string()),  # null where the piece is taken
        pa.field("detail", pa.string()),
    ]
)
RANGE_BYTES = 2**17
RANGES_PER_CORE = 4


def survey(
    spark: SparkSession, corpus_uri: str, config: PreprocessConfig, done: Accumulator
) -> DataFrame:
    """Read all pieces in parallel; returns one row of ``SURVEY`` for each.

    Every task takes its own byte range of ``pieces.jsonl`` through fsspec, so that neither the
    driver nor Spark's own file systems need to read it. ``done`` counts the pieces read so far.
    """
    files, path = storage.filesystem(storage.join(corpus_uri, PIECES))
    size_bytes = files.size(path)
    ranges = max(size_bytes // RANGE_BYTES, RANGES_PER_CORE * spark.sparkContext.defaultParallelism)
    task = _survey_task(corpus_uri, config, size_bytes, ranges, done)
    return spark.range(0, ranges, 1, ranges).mapInArrow(task, from_arrow_schema(SURVEY))


def _survey_task(
    corpus_uri: str, config: PreprocessConfig, size_bytes: int, ranges: int, done: Accumulator
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch["id"].to_pylist():
                start, end = (size_bytes * n // ranges for n in (number, number + 1))
                pieces = pieces_in_range(corpus_uri, start, end)
                rows = list(map_ahead(lambda p: survey_piece(corpus_uri, p, config), pieces))
                done.add(len(rows))
                yield pa.RecordBatch.from_pylist(rows, SURVEY)

    return run


def pieces_in_range(corpus_uri: str, start: int, end: int) -> Iterator[Piece]:
    """Yield the pieces whose lines begin at bytes ``start`` to ``end - 1`` of ``pieces.jsonl``."""
    with storage.open_read(storage.join(corpus_uri, PIECES)) as stream:
        if start:
            # The line that the byte before belongs to is the business of the range before.
            stream.seek(start - 1)
            stream.readline()
        while stream.tell() < end and (line := stream.readline()):
            yield Piece.from_json(line.decode())


def survey_piece(corpus_uri: str, piece: Piece, config: PreprocessConfig) -> dict[str, object]:
    """Return the row of ``SURVEY`` of one piece."""
    row: dict[str, object] = {field.name: getattr(piece, field.name) for field in PIECE_COLUMNS}
    try:
        score = read_for_dataset(corpus_uri, piece, config).score
    except UnreadableMusic as error:
        return row | {"reason": error.reason, "detail": error.detail}
    return row | {
        "fingerprint": fingerprint(score),
        "notes": len(score.notes),
        "frames": score.length_steps,
    }
