"""What a sequence says of itself, as columns to hold expectations against."""

from typing import Any

import numpy as np
import pyarrow as pa

from musicgen.music.grid import GRID_NOTE, GridScore, bar_starts
from musicgen.music.score import Metre
from musicgen.preprocess.fingerprint import fingerprint
from musicgen.preprocess.schema import MAX_POSITION
from musicgen.quality.fact_rows import arrays, fact_schema, kept_rows
from musicgen.representation.sequence import decode, encode, frame_indices
from musicgen.representation.vocabulary import END_OF_FRAME, Vocabulary

_NO_NOTES = np.zeros(0, GRID_NOTE)

SEQUENCE_FACTS = fact_schema(
    "sequences",
    *("piece_id", "split", "composer", "ensemble", "frames", "tempo_qpm"),
    token_count=pa.int32(),
    position_count=pa.int32(),
    lowest_token=pa.int32(),
    highest_token=pa.int32(),
    last_token=pa.int32(),
    ends_of_frames=pa.int32(),
    decoded_fingerprint=pa.string(),
    is_canonical=pa.bool_(),
    highest_position=pa.int32(),
    uncounted_frames=pa.int32(),
    frames_off_metre=pa.int32(),
)


def sequence_facts(
    sequences: pa.Table, metres: pa.Table, vocabulary: Vocabulary, steps_per_quarter: int
) -> pa.Table:
    """Decode and measure each sequence, with the metres of the same pieces at hand."""
    rows = kept_rows(sequences, SEQUENCE_FACTS)
    written = _metres_by_piece(metres, steps_per_quarter)
    for row, tokens, positions in zip(
        rows, arrays(sequences["tokens"]), arrays(sequences["positions"]), strict=True
    ):
        row |= _token_facts(tokens, vocabulary) | _position_facts(tokens, positions)
        if row.get("uncounted_frames") == 0:
            by_frame = positions[_frame_starts(tokens)]
            metric = _positions(written.get(row["piece_id"], ()), len(by_frame), steps_per_quarter)
            row["frames_off_metre"] = int((by_frame != metric).sum())
    return pa.Table.from_pylist(rows, SEQUENCE_FACTS)


def _metres_by_piece(metres: pa.Table, steps_per_quarter: int) -> dict[str, tuple[Metre, ...]]:
    found: dict[str, tuple[Metre, ...]] = {}
    for row in metres.sort_by(
        [("piece_id", "ascending"), ("onset_steps", "ascending")]
    ).to_pylist():
        metre = Metre(row["onset_steps"] / steps_per_quarter, row["numerator"], row["denominator"])
        found[row["piece_id"]] = (*found.get(row["piece_id"], ()), metre)
    return found


def _positions(metres: tuple[Metre, ...], frames: int, steps_per_quarter: int) -> np.ndarray:
    """Return the position in the bar that each frame has by the metres."""
    score = GridScore(_NO_NOTES, frames, bar_starts(metres, frames, steps_per_quarter))
    return np.minimum(score.positions(), MAX_POSITION)


def _token_facts(tokens: np.ndarray, vocabulary: Vocabulary) -> dict[str, Any]:
    if not len(tokens):
        return {"token_count": 0, "ends_of_frames": 0}
    facts = {
        "token_count": len(tokens),
        "lowest_token": int(tokens.min()),
        "highest_token": int(tokens.max()),
        "last_token": int(tokens[-1]),
        "ends_of_frames": int((tokens == END_OF_FRAME).sum()),
    }
    known = facts["lowest_token"] >= END_OF_FRAME and facts["highest_token"] < vocabulary.size
    if known and facts["last_token"] == END_OF_FRAME:
        score = decode(tokens, vocabulary)
        facts["decoded_fingerprint"] = fingerprint(score)
        facts["is_canonical"] = bool(np.array_equal(encode(score, vocabulary), tokens))
    return facts


def _position_facts(tokens: np.ndarray, positions: np.ndarray) -> dict[str, Any]:
    facts: dict[str, Any] = {"position_count": len(positions)}
    if len(positions) != len(tokens) or not len(positions):
        return facts
    facts["highest_position"] = int(positions.max())
    starts = _frame_starts(tokens)
    by_frame = positions[starts]
    changed_inside = positions != np.repeat(by_frame, np.diff(np.append(starts, len(tokens))))
    counts_on = by_frame[1:] == np.minimum(by_frame[:-1] + 1, MAX_POSITION)
    jumps = (~counts_on & (by_frame[1:] != 0)).sum() + (by_frame[0] != 0)
    return facts | {"uncounted_frames": int(changed_inside.sum() + jumps)}


def _frame_starts(tokens: np.ndarray) -> np.ndarray:
    """Return the index of the first token of each frame."""
    return np.flatnonzero(np.diff(frame_indices(tokens), prepend=-1))
