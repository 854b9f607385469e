"""Reading one piece of a corpus the way a dataset takes it."""

from dataclasses import dataclass

import numpy as np

from musicgen.corpus.piece import Piece
from musicgen.corpus.reader import read_piece
from musicgen.errors import UnreadableMusic
from musicgen.music.grid import GridScore, quantize
from musicgen.music.instrument import parts
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.encoding import VOCABULARY
from musicgen.representation.sequence import in_range

LONGEST_SECONDS = 3 * 60 * 60
"""Of a piece; a stray note far behind the end is no music."""


@dataclass(frozen=True)
class Reading:
    """A piece as it was read.

    Attributes:
        score: quantized, with all pitches in the vocabulary's range.
        parts: what each instrument plays, rows of ``musicgen.music.instrument.PART``.
    """

    score: GridScore
    parts: np.ndarray


def read_for_dataset(corpus_uri: str, piece: Piece, config: PreprocessConfig) -> Reading:
    """Read a piece, round it to the grid and bring it into the vocabulary's range.

    Raises:
        UnreadableMusic: it cannot be taken; the reason ``parser_failed`` stands for damage that
            no reader foresaw.
        OSError: the storage failed, which says nothing about the piece.
    """
    try:
        written = read_piece(corpus_uri, piece, config.view, config.limits)
        score = quantize(written, config.steps_per_quarter)
    except (UnreadableMusic, OSError):
        raise
    except Exception as error:
        raise UnreadableMusic("parser_failed", f"{type(error).__name__}: {error}") from error
    if score.duration_seconds > LONGEST_SECONDS:
        seconds = f"{score.duration_seconds:.0f} s, limit {LONGEST_SECONDS} s"
        raise UnreadableMusic("too_long", seconds)
    score = in_range(score, VOCABULARY)
    tokens = int(score.notes["duration_steps"].sum(dtype="i8")) + score.length_steps
    if tokens > config.max_tokens:
        raise UnreadableMusic("too_many_tokens", f"{tokens}, limit {config.max_tokens}")
    return Reading(score, parts(written.notes["program"], written.notes["pitch"]))
