"""One way to make a dataset of a corpus, in a process of its own.

``python -m musicgen.benchmark.contender NAME CORPUS_URI BUCKET_URI CORES``
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from multiprocessing import get_context
from typing import Any

from musicgen.benchmark.plan_by_hand import facts_by_hand, plan_by_hand
from musicgen.corpus.reader import read_pieces
from musicgen.preprocess.commit import Origin, commit_dataset
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.encode import make_shard
from musicgen.preprocess.job import preprocess
from musicgen.preprocess.session import spark_session
from musicgen.preprocess.survey import SURVEY, survey_piece

Map = Callable[[Callable, Iterable], Iterable]


def by_spark(corpus_uri: str, bucket_uri: str, cores: int) -> None:
    """Run the stage as it is."""
    with spark_session("benchmark", cores=cores):
        preprocess(corpus_uri, bucket_uri)


def by_loop(corpus_uri: str, bucket_uri: str, cores: int) -> None:
    """Take one piece after the other."""
    _by_hand(corpus_uri, bucket_uri, map)


def by_pool(corpus_uri: str, bucket_uri: str, cores: int) -> None:
    """Give pieces and shards to a pool of processes."""
    with get_context("spawn").Pool(cores) as pool:
        _by_hand(corpus_uri, bucket_uri, partial(pool.imap_unordered, chunksize=4))


def _by_hand(corpus_uri: str, bucket_uri: str, mapped: Map) -> None:
    config = PreprocessConfig()
    origin = Origin.of_snapshot(corpus_uri, config)
    dataset_uri = origin.dataset_uri(bucket_uri)
    survey = list(mapped(partial(_surveyed, corpus_uri, config), read_pieces(corpus_uri)))
    plan = plan_by_hand(survey, config, -(-len(survey) // config.pieces_per_shard))
    shards: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in plan:
        shards[row["shard"]].append(row)
    made = mapped(partial(make_shard, origin, dataset_uri), shards.values())
    parts = [part for parts in made for part in parts]
    commit_dataset(dataset_uri, origin, parts, **facts_by_hand(plan))


def _surveyed(corpus_uri: str, config: PreprocessConfig, piece: Any) -> dict[str, Any]:
    return dict.fromkeys(SURVEY.names) | survey_piece(corpus_uri, piece, config)


CONTENDERS = {"spark": by_spark, "loop": by_loop, "pool": by_pool}

if __name__ == "__main__":
    name, corpus_uri, bucket_uri, cores = sys.argv[1:]
    CONTENDERS[name](corpus_uri, bucket_uri, int(cores))
