"""The peers written by hand make what the Spark job makes, byte for byte."""

import pytest
from preprocess.snapshots import small_music, small_pieces, write_snapshot

from musicgen import manifest
from musicgen.benchmark.contender import by_loop, by_pool
from musicgen.errors import BadInput
from musicgen.preprocess.commit import Origin
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.job import preprocess
from musicgen.preprocess.session import spark_session

pytestmark = pytest.mark.slow

MUSIC = {5: b"no music", 7: small_music(6), 9: small_music(6), 30: small_music(31)}
LARGE_WORK = dict.fromkeys(range(14, 24), "one large folder")


@pytest.mark.parametrize("official", [{}, {6: "test", 31: "test"}])
def test_all_make_the_same_dataset(tmp_path, official):
    pieces = small_pieces(60, official_split=official, work=LARGE_WORK, composer={2: "Æ"})
    corpus_uri = write_snapshot(tmp_path, pieces, MUSIC)
    made = []
    with spark_session("tests", cores=2):
        made.append(preprocess(corpus_uri, (tmp_path / "spark").as_uri()).dataset_uri)
    for name, contender in {"loop": by_loop, "pool": by_pool}.items():
        bucket_uri = (tmp_path / name).as_uri()
        contender(corpus_uri, bucket_uri, 2)
        origin = Origin.of_snapshot(corpus_uri, PreprocessConfig())
        made.append(origin.dataset_uri(bucket_uri))
    documents = [manifest.verify(uri) for uri in made]
    assert documents[0] == documents[1] == documents[2]
    assert documents[0]["counts"]["rejected"] == 4


def test_a_corpus_too_small_to_compare(tmp_path):
    corpus_uri = write_snapshot(tmp_path, small_pieces(3))
    with pytest.raises(BadInput, match="3 works, too few"):
        by_loop(corpus_uri, tmp_path.as_uri(), 1)
