"""Every expectation can fail, and fails for its own fault alone."""

import re
from collections import defaultdict

import pytest
from datasets import make_dataset, placed_pieces, write_dataset
from quality.fault_list import FAULTS
from quality.faults import BARS, adding, copying, faulty_dataset, piece_id, recommit, setting

from musicgen import storage
from musicgen.errors import BadInput
from musicgen.preprocess.dataset import Dataset
from musicgen.preprocess.schema import TABLES
from musicgen.preprocess.session import spark_session
from musicgen.quality.drift import Spread, accept, last_accepted
from musicgen.quality.suites import SUITES
from musicgen.quality.validate import validate

pytestmark = pytest.mark.slow

EVENLY, ALL_C, ALL_LONG = [1] * 12, [1] + [0] * 11, [0] * 5 + [1]
PITCHES_DRIFT, DURATIONS_DRIFT = (
    f"drift: {what} are spread as in the last accepted dataset (--accept-drift takes a change "
    "that is meant)."
    for what in ("Pitch classes", "Durations")
)


@pytest.fixture(scope="module", autouse=True)
def spark():
    """One session for all: stages use the one that is active."""
    with spark_session("tests", cores=2) as spark:
        spark.conf.set("spark.sql.shuffle.partitions", "2")
        yield spark


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    dataset_uri = faulty_dataset(tmp_path_factory.mktemp("faults"), FAULTS)
    accept(Dataset.open(dataset_uri), Spread("the one before", EVENLY, ALL_LONG))
    return validate(dataset_uri)


@pytest.fixture(scope="module")
def clashing(tmp_path_factory):
    """The verdict where no piece is for validation, and pieces clash with one another."""
    placed = [p for p in placed_pieces(24, BARS) if p.split != "valid"]
    dataset = Dataset.open(write_dataset(tmp_path_factory.mktemp("clashes"), placed))
    tables = {name: dataset.table(name).to_pylist() for name in TABLES}
    setting("pieces", work="work-000")(tables, "piece-022")
    copying("piece-001")(tables, "piece-023")
    copying("piece-002")(tables, "piece-003")
    for number in range(10):
        adding("rejected", source="scan.mid", reason="not_midi", detail="")(tables, f"r{number}")
    accept(dataset, Spread("the one before", ALL_C, [100, 60, 60, 0, 20, 0]))
    return validate(recommit(dataset, tables))


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return validate(make_dataset(tmp_path_factory.mktemp("sound")))


def named(result):
    """Return the pieces that are examples of each expectation that failed."""
    return {
        f"{f.table}: {f.expectation}": {e.get("piece_id") for e in f.examples}
        for f in result.failed
    }


def test_each_fault_breaks_its_own_expectation_alone(faulty):
    wanted = defaultdict(set, {DURATIONS_DRIFT: {None}})
    for number, fault in enumerate(FAULTS):
        for expectation in fault.broken:
            wanted[expectation].add(fault.piece or piece_id(number))
    assert named(faulty) == wanted


def test_pieces_that_clash(clashing):
    found = named(clashing)
    rejects = found.pop("rejected: At most 20% of the corpus is rejected, duplicates apart.")
    assert rejects < {f"r{number}" for number in range(10)}
    assert found == {
        "pieces: No work has movements or recordings in two splits.": {"piece-000", "piece-022"},
        "pieces: No score is in two splits, under whatever name.": {"piece-001", "piece-023"},
        "pieces: Recordings of one score count once within a split.": {"piece-002", "piece-003"},
        "splits: Training, validation and test have a piece each at least.": {None},
        PITCHES_DRIFT: {None},
    }


def test_no_expectation_is_there_that_nothing_breaks(faulty, clashing, tmp_path):
    dataset = Dataset.open(make_dataset(tmp_path))
    declared = [
        f"{table}: {expectation.description}"
        for table, suite in SUITES.items()
        for expectation in suite.declare(dataset)
    ]
    assert sorted(declared) == sorted(named(faulty).keys() | named(clashing).keys())
    assert len(declared) == faulty.expectations


def test_failures_say_where_and_how_much(clashing):
    share = next(f for f in clashing.failed if f.column == "rejected_share")
    assert (share.table, share.unexpected_rows, len(share.examples)) == ("rejected", 10, 5)
    assert share.examples[0]["source"] == "scan.mid"
    assert "10 rows, such as {" in str(share)
    page = storage.read_bytes(clashing.docs_uri).decode()
    assert f"6 of {clashing.expectations} expectations fail" in page
    assert "10 unexpected in rejected_share" in page
    assert "source scan.mid" in page


def test_a_sound_dataset_passes(sound):
    assert sound.success
    assert sound.failed == []
    assert not sound.reused


def test_docs_are_whole_and_ask_no_other_host(sound):
    docs_uri = sound.docs_uri.removesuffix("/index.html")
    pages = storage.names(docs_uri)
    assert all(name.endswith(".html") for name in pages)
    for name in pages:
        page = storage.read_bytes(storage.join(docs_uri, name)).decode()
        assert not re.search(r"<script|<link|src=.https?:|url\(.?https?:|@import", page)
        assert "<style>" in page
    index = storage.read_bytes(sound.docs_uri).decode()
    links = re.findall(r'href="([^"]+)"', index)
    assert len(links) == len(SUITES)
    assert set(links) < set(pages)


def test_a_verdict_is_reached_once_and_said_each_time(sound, monkeypatch, caplog):
    dataset_uri = sound.docs_uri.removesuffix("/validation/docs/index.html")
    monkeypatch.setattr("musicgen.quality.validate._judge", None)  # would fail if it were called
    with caplog.at_level("INFO", "musicgen"):
        again = validate(dataset_uri)
    assert caplog.messages == [f"All {again.expectations} expectations hold."]
    assert again.reused
    assert again.success
    with pytest.raises(TypeError):
        validate(dataset_uri, force=True)
    monkeypatch.setattr("musicgen.quality.validate.SUITE_VERSION", 0)
    with pytest.raises(TypeError):
        validate(dataset_uri)


def test_a_change_that_is_meant_is_taken_and_becomes_the_measure(tmp_path):
    dataset = Dataset.open(make_dataset(tmp_path))
    accept(dataset, Spread("the one before", ALL_C, ALL_LONG))
    assert {fault.table for fault in validate(dataset.uri).failed} == {"drift"}
    assert last_accepted(dataset).dataset_id == "the one before"
    taken = validate(dataset.uri, accept_drift=True)
    assert (taken.success, taken.reused) == (True, False)
    assert last_accepted(dataset).dataset_id == dataset.dataset_id
    assert validate(dataset.uri, force=True).success


def test_files_that_were_changed_are_not_judged(tmp_path):
    dataset = Dataset.open(make_dataset(tmp_path))
    uri = dataset.files("notes")[1]
    storage.write_bytes(uri, storage.read_bytes(uri).replace(b"piece", b"peace"))
    with pytest.raises(BadInput, match=r"notes/part-00001\.parquet is not the file"):
        validate(dataset.uri)
    assert not storage.exists(storage.join(dataset.uri, "validation/verdict.json"))


def test_no_dataset_no_verdict(tmp_path):
    with pytest.raises(BadInput, match=r"holds no manifest\.json"):
        validate(tmp_path.as_uri())
