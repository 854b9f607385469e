"""Polyphonic benchmarks, given as frames of pitches, as datasets that the pipeline's jobs take.

The Boulanger-Lewandowski sets are published in this form. Their frames don't tell a held note from
a repeated one, so their vocabulary has one state and one family.
"""

import gzip
import json
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from musicgen import manifest, storage
from musicgen.errors import BadInput
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.schema import SCHEMA_VERSION, SPLITS, TABLES, part_name
from musicgen.representation.vocabulary import END_OF_FRAME, Vocabulary

VOCABULARY = Vocabulary(families=1, states=1)
POSITION_CYCLE_FRAMES = 16
"""Frames carry no metre; a cycle of sixteen tells apart all halvings of the usual ones."""

Pieces = list[list[list[int]]]


def read_frames(path: Path) -> dict[str, Pieces]:
    """Read ``{"train" | "valid" | "test": [piece → frames → MIDI pitches]}``, plain or gzipped.

    Raises:
        BadInput: the file is missing, is not of this form, or has pitches outside 21–108.
    """
    form = '{"train": [...], "valid": [...], "test": [...]}, pieces of frames of MIDI pitches'
    try:
        data = path.read_bytes()
        document = json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist.") from None
    except (OSError, EOFError, ValueError, RecursionError, zlib.error) as error:
        raise BadInput(f"{path} cannot be read as JSON ({error}); expected {form}.") from None
    if not isinstance(document, dict) or any(not _are_pieces(document.get(s)) for s in SPLITS):
        raise BadInput(f"{path} is not of the form {form}.")
    return {split: document[split] for split in SPLITS}


def frames_dataset(splits: dict[str, Pieces], name: str, bucket_uri: str) -> str:
    """Write the pieces as a dataset with the table ``sequences``; return its URI.

    The same frames give the same dataset, which is found again.
    """
    dataset_id = manifest.digest([name, splits, SCHEMA_VERSION, asdict(VOCABULARY)])
    uri = storage.join(bucket_uri, "datasets", dataset_id)
    if manifest.exists(uri):
        return uri
    rows = [
        _row(f"{split}-{index:04d}", split, piece)
        for split in SPLITS
        for index, piece in enumerate(splits[split])
    ]
    table = pa.Table.from_pylist(rows, TABLES["sequences"])
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    path = part_name("sequences", 0)
    storage.write_bytes(storage.join(uri, path), sink.getvalue().to_pybytes())
    manifest.commit(
        uri,
        manifest.hashes(uri),
        dataset_id=dataset_id,
        corpus=name,
        corpus_uri="",
        corpus_digest=manifest.digest(splits),
        schema_version=SCHEMA_VERSION,
        config=PreprocessConfig().as_json(),
        vocabulary=asdict(VOCABULARY),
        composers=["unknown"],
        ensembles=["unknown"],
        counts={table: len(rows) if table == "sequences" else 0 for table in TABLES},
    )
    return uri


def _row(piece_id: str, split: str, piece: list[list[int]]) -> dict[str, Any]:
    frames = [sorted(set(frame)) for frame in piece]
    tokens = [
        token
        for frame in frames
        for token in [*VOCABULARY.tokens(np.array(frame, int), 0, 0).tolist(), END_OF_FRAME]
    ]
    sizes = [len(frame) + 1 for frame in frames]
    positions = np.repeat(np.arange(len(frames)) % POSITION_CYCLE_FRAMES, sizes)
    return {
        "piece_id": piece_id,
        "split": split,
        "composer": "unknown",
        "ensemble": "unknown",
        "tokens": tokens,
        "positions": positions.tolist(),
        "frames": len(frames),
        "tempo_qpm": 120.0,
    }


def _are_pieces(pieces: Any) -> bool:
    """Whether this is a list of at least one piece, with at least one frame in each."""
    low, high = VOCABULARY.low_pitch, VOCABULARY.high_pitch
    return (
        isinstance(pieces, list)
        and len(pieces) > 0
        and all(isinstance(piece, list) and len(piece) > 0 for piece in pieces)
        and all(isinstance(frame, list) for piece in pieces for frame in piece)
        and all(
            type(pitch) is int and low <= pitch <= high
            for piece in pieces
            for frame in piece
            for pitch in frame
        )
    )
