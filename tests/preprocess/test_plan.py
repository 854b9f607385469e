import pytest
from pyspark.sql import functions as F  # noqa: N812 (the name that Spark's users know)

from musicgen.errors import BadInput
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.plan import mark_duplicates, place, split_works
from musicgen.preprocess.session import spark_session

pytestmark = pytest.mark.slow

HELD_OUT = ("valid", "test")

COLUMNS = (
    "piece_id string, work string, official_split string, fingerprint string, "
    "reason string, detail string, frames int"
)


@pytest.fixture(scope="module")
def spark():
    with spark_session("tests", cores=2) as spark:
        spark.conf.set("spark.sql.shuffle.partitions", "2")
        yield spark


def surveyed(spark, rows, frames=None):
    """A survey of (piece, work, official split, fingerprint) rows; no fingerprint: rejected.

    A piece has 100 frames unless ``frames`` says otherwise by its work.
    """
    full = [
        (*row, None, None, (frames or {}).get(row[1], 100))
        if row[3]
        else (*row, "not_midi", "text", None)
        for row in rows
    ]
    return spark.createDataFrame(full, COLUMNS)


def works(count):
    return [(f"p{n}", f"w{n}", None, f"f{n}") for n in range(count)]


def splits(spark, rows, frames=None, **config):
    marked = mark_duplicates(surveyed(spark, rows, frames))
    frame = split_works(marked, PreprocessConfig(**config))
    return {row["work"]: row["split"] for row in frame.collect()}


def test_one_recording_of_a_score_stays(spark):
    rows = [
        ("b", "w1", None, "x"),
        ("a", "w1", None, "x"),
        ("c", "w2", None, "y"),
        ("d", "w3", "test", "y"),
        ("e", "w4", None, None),
        ("f", "w4", None, None),
    ]
    marked = {row["piece_id"]: row for row in mark_duplicates(surveyed(spark, rows)).collect()}
    assert {piece: row["reason"] for piece, row in marked.items()} == {
        "a": None,
        "b": "duplicate_score",
        "c": "duplicate_score",  # the official test piece stays, not the first
        "d": None,
        "e": "not_midi",
        "f": "not_midi",
    }
    assert marked["b"]["detail"] == "the same notes as piece a"
    assert marked["e"]["detail"] == "text"
    assert [marked[piece]["official_score"] for piece in "abcd"] == [False, False, True, True]


def test_shares_of_many_works(spark):
    found = list(splits(spark, works(400)).values())
    assert 25 <= found.count("test") <= 55
    assert 25 <= found.count("valid") <= 55


def test_no_work_changes_sides_when_the_corpus_grows(spark):
    before, after = splits(spark, works(60)), splits(spark, works(120))
    assert {work: after[work] for work in before} == before


def test_another_seed_is_another_split(spark):
    assert splits(spark, works(60), split_seed=1) != splits(spark, works(60))


def test_a_work_too_large_for_a_split_trains(spark):
    before = splits(spark, works(60))
    large = [next(work for work, split in before.items() if split == name) for name in HELD_OUT]
    after = splits(spark, works(60), frames=dict.fromkeys(large, 6000))
    assert {work: after[work] for work in large} == dict.fromkeys(large, "train")
    assert {w: s for w, s in after.items() if w not in large} == {
        w: s for w, s in before.items() if w not in large
    }


@pytest.mark.parametrize("large", ["w0", "w1", "w2", "w3"])
def test_a_large_work_among_few_trains(spark, large):
    found = splits(spark, works(4), frames={large: 5000})
    assert found[large] == "train"
    assert set(found.values()) == {"train", "valid", "test"}


@pytest.mark.parametrize("count", [3, 4, 7])
@pytest.mark.parametrize("shares", [(0.1, 0.1), (0.01, 0.49)])
def test_few_works_get_one_for_each_split(spark, count, shares):
    found = splits(spark, works(count), valid_share=shares[0], test_share=shares[1])
    assert set(found.values()) == {"train", "valid", "test"}


def test_official_test_works_are_the_test_split(spark):
    rows = [
        *works(6),
        ("t1", "sonata", "test", "s1"),
        ("t2", "sonata", None, "s2"),
        ("copy", "other edition", None, "s1"),
        ("t3", "other edition", None, "s3"),
    ]
    found = splits(spark, rows)
    # The edition holds a copy of a test score, so what else it holds is no training music.
    assert {work for work, split in found.items() if split == "test"} == {
        "sonata",
        "other edition",
    }
    assert set(found.values()) == {"train", "valid", "test"}


def test_works_without_readable_music_do_not_count(spark):
    rows = [*works(2), ("p9", "w9", None, None)]
    with pytest.raises(BadInput, match="2 works with readable music"):
        splits(spark, rows)
    with pytest.raises(BadInput, match="2 of them official"):
        splits(spark, [("a", "w", "test", "x"), ("b", "v", "test", "y"), ("c", "u", None, "z")])


def test_shards_depend_on_the_piece_alone(spark):
    marked = mark_duplicates(surveyed(spark, works(50)))
    placed = place(marked, split_works(marked, PreprocessConfig()), shards=3)
    shards = {row["piece_id"]: row["shard"] for row in placed.collect()}
    assert set(shards.values()) == {0, 1, 2}
    fewer = marked.where(F.col("piece_id") < "p2")
    again = place(fewer, split_works(marked, PreprocessConfig()), shards=3).collect()
    assert all(shards[row["piece_id"]] == row["shard"] for row in again)


def test_the_work_of_a_test_piece_that_cannot_be_read_does_not_train(spark):
    rows = [*works(9), ("official", "w0", "test", None), ("other", "w9", "test", "f9")]
    assert splits(spark, rows)["w0"] == "test"
