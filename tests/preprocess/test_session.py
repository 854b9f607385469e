import pytest
from preprocess.snapshots import small_pieces, write_snapshot

from musicgen import manifest
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.job import preprocess
from musicgen.preprocess.session import spark_session

pytestmark = pytest.mark.slow


def test_session_is_local_quiet_and_stopped_at_the_end(capfd):
    with spark_session("one", cores=1) as spark:
        conf = spark.sparkContext.getConf()
        assert conf.get("spark.driver.host") == "127.0.0.1"
        assert conf.get("spark.ui.enabled") == "false"
        assert spark.conf.get("spark.sql.session.timeZone") == "UTC"
        with spark_session("inner") as inner:
            assert inner is spark
        assert spark.range(7).count() == 7  # the inner one did not stop it
    assert spark.sparkContext._jsc is None
    assert capfd.readouterr().out == ""


def test_bytes_do_not_depend_on_the_number_of_cores(tmp_path):
    corpus_uri = write_snapshot(tmp_path, small_pieces(23))
    config = PreprocessConfig(pieces_per_shard=4)
    documents = []
    for cores in (1, 2, 7):
        with spark_session("cores", cores=cores):
            result = preprocess(corpus_uri, (tmp_path / str(cores)).as_uri(), config)
        documents.append(manifest.verify(result.dataset_uri))
    assert documents[0] == documents[1] == documents[2]
    assert documents[0]["counts"]["pieces"] == 23
