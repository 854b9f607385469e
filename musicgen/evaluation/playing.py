"""Let a candidate play what the test pieces ask for."""

from musicgen.bundle import Bundle
from musicgen.evaluation.excerpts import Excerpt, cut
from musicgen.evaluation.measures.frames import BARS
from musicgen.generation.engine import load_engine
from musicgen.generation.request import MAX_SEED, UNKNOWN, Request
from musicgen.music.grid import GridScore


def play(bundle_uri: str, excerpts: list[Excerpt], seed: int) -> list[GridScore]:
    """Generate an excerpt for each of the test pieces': its composer, its ensemble, four bars.

    All candidates get the same requests, with the defaults that the API has too. Names that a
    model never met become ``unknown``.

    Raises:
        BadInput: the bundle is missing, was changed, or cannot be played.
    """
    engine = load_engine(Bundle.load(bundle_uri))
    requests = [
        Request(
            (seed * len(excerpts) + index) % (MAX_SEED + 1),
            excerpt.composer if excerpt.composer in engine.composers else UNKNOWN,
            excerpt.ensemble if excerpt.ensemble in engine.ensembles else UNKNOWN,
            BARS,
        )
        for index, excerpt in enumerate(excerpts)
    ]
    return [cut(score, 0) for score in engine.generate(requests)]
