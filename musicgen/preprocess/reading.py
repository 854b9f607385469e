"""Reading one piece of a corpus the way a dataset takes it."""

from musicgen.corpus.piece import Piece
from musicgen.corpus.reader import read_piece
from musicgen.errors import UnreadableMusic
from musicgen.music.grid import GridScore, quantize
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.encoding import VOCABULARY
from musicgen.representation.sequence import in_range


def read_grid_score(corpus_uri: str, piece: Piece, config: PreprocessConfig) -> GridScore:
    """Read a piece, round it to the grid and bring it into the vocabulary's range.

    Raises:
        UnreadableMusic: it cannot be taken; the reason ``parser_failed`` stands for damage that
            no reader foresaw.
        OSError: the storage failed, which says nothing about the piece.
    """
    try:
        score = quantize(
            read_piece(corpus_uri, piece, config.view, config.limits), config.steps_per_quarter
        )
    except (UnreadableMusic, OSError):
        raise
    except Exception as error:
        raise UnreadableMusic("parser_failed", f"{type(error).__name__}: {error}") from error
    score = in_range(score, VOCABULARY)
    tokens = int(score.notes["duration_steps"].sum(dtype="i8")) + score.length_steps
    if tokens > config.max_tokens:
        raise UnreadableMusic("too_many_tokens", f"{tokens}, limit {config.max_tokens}")
    return score
