import errno
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from preprocess.snapshots import small_music, small_pieces, write_snapshot

from musicgen import manifest, storage
from musicgen.errors import BadInput
from musicgen.music.grid import quantize
from musicgen.music.midi import read_midi
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.dataset import Dataset
from musicgen.preprocess.failures import DiskIsFull
from musicgen.preprocess.job import preprocess
from musicgen.preprocess.session import WORKER_DAEMON, spark_session
from musicgen.representation.sequence import decode

pytestmark = pytest.mark.slow

CONFIG = PreprocessConfig(pieces_per_shard=5)
ONE_A_SHARD = PreprocessConfig(pieces_per_shard=1)
PIECES = small_pieces(
    14,
    work={1: "work-000", 7: "another edition"},
    composer={2: "unknown", 3: "Łukasz Æ"},
    official_split={9: "test"},
)
MUSIC = {5: b"Dear diary, this is no music.", 7: small_music(6)}


@pytest.fixture(scope="module", autouse=True)
def spark():
    with spark_session("tests", cores=2) as spark:
        yield spark


@pytest.fixture(scope="module")
def corpus_uri(tmp_path_factory):
    return write_snapshot(tmp_path_factory.mktemp("corpus"), PIECES, MUSIC)


@pytest.fixture(scope="module")
def result(corpus_uri, tmp_path_factory):
    return preprocess(corpus_uri, tmp_path_factory.mktemp("bucket").as_uri(), CONFIG)


def test_result_counts_what_the_tables_hold(result):
    dataset = Dataset.open(result.dataset_uri)
    manifest.verify(result.dataset_uri)
    assert (result.pieces, result.rejected, result.reused) == (12, 2, False)
    assert result.pieces == dataset.table("pieces").num_rows
    assert (
        result.notes
        == dataset.table("notes").num_rows
        == sum(dataset.table("pieces")["notes"].to_pylist())
    )
    assert result.dataset_id == dataset.dataset_id
    assert dataset.corpus_digest == "0123456789abcdef"


def test_java_keeps_nothing_of_the_tasks_that_ended(result, spark):
    arrow = spark._jvm.org.apache.spark.sql.util.ArrowUtils.rootAllocator()
    assert (arrow.getAllocatedMemory(), arrow.getChildAllocators().size()) == (0, 0)


def test_what_is_left_out_says_why(result):
    rejected = Dataset.open(result.dataset_uri).table("rejected").to_pylist()
    assert {row["piece_id"]: row["reason"] for row in rejected} == {
        "piece-005": "not_midi",
        "piece-007": "duplicate_score",
    }
    copy = next(row for row in rejected if row["reason"] == "duplicate_score")
    assert copy["detail"] == "the same notes as piece piece-006"
    assert copy["source"] == "exercise 7"
    reasons = Dataset.open(result.dataset_uri).document["rejected_reasons"]
    assert reasons == {"not_midi": 1, "duplicate_score": 1}


def test_sequences_are_the_music_of_the_files(result, corpus_uri):
    dataset = Dataset.open(result.dataset_uri)
    for row in dataset.table("sequences", ["piece_id", "tokens", "tempo_qpm"]).to_pylist():
        data = storage.read_bytes(storage.join(corpus_uri, f"music/{row['piece_id']}.mid"))
        score = quantize(read_midi(data))
        assert decode(row["tokens"], dataset.vocabulary).notes.tolist() == score.notes.tolist()
        assert row["tempo_qpm"] == pytest.approx(score.tempo_qpm)


def test_splits_are_by_work_and_official(result):
    pieces = Dataset.open(result.dataset_uri).table("pieces").to_pylist()
    splits = {row["piece_id"]: row["split"] for row in pieces}
    assert [piece for piece, split in splits.items() if split == "test"] == ["piece-009"]
    assert set(splits.values()) == {"train", "valid", "test"}
    assert splits["piece-000"] == splits["piece-001"]
    sizes = Dataset.open(result.dataset_uri).document["splits"]
    assert sum(size["works"] for size in sizes.values()) == 11
    assert sizes["test"]["pieces"] == 1


def test_conditioning_values_are_sorted_after_unknown(result):
    dataset = Dataset.open(result.dataset_uri)
    assert dataset.composers == ["unknown", "Bach", "Haydn", "Łukasz Æ"]
    assert dataset.ensembles == ["unknown", "Solo Piano", "String Quartet"]


def test_same_inputs_are_found_again_without_spark(result, corpus_uri, monkeypatch):
    monkeypatch.setattr("musicgen.preprocess.job._make", None)  # would fail if it were called
    bucket_uri = result.dataset_uri.partition("/datasets/")[0]
    again = preprocess(corpus_uri + "/", bucket_uri + "/", CONFIG)
    assert again.reused
    assert (again.dataset_uri, again.pieces) == (result.dataset_uri, result.pieces)
    with pytest.raises(TypeError):
        preprocess(corpus_uri, bucket_uri, PreprocessConfig(split_seed=1))


def test_failure_before_the_manifest_leaves_no_dataset(result, corpus_uri, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("musicgen.preprocess.walk.commit_dataset", fail)
        with pytest.raises(OSError, match="disk full"):
            preprocess(corpus_uri, tmp_path.as_uri(), CONFIG)
    with pytest.raises(BadInput, match="never finished"):
        Dataset.open(storage.join(tmp_path.as_uri(), "datasets", result.dataset_id))
    again = preprocess(corpus_uri, tmp_path.as_uri(), CONFIG)
    assert manifest.load(again.dataset_uri) == manifest.load(result.dataset_uri)


def test_full_disk_is_told_and_given_its_room_back(corpus_uri, tmp_path, monkeypatch):
    def fill_up(origin, dataset_uri, rows):
        storage.write_bytes(storage.join(dataset_uri, "notes", "half"), b"notes")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("musicgen.preprocess.encode.make_shard", fill_up)
    with pytest.raises(BadInput, match=r"^No space is left on the disk: free some"):
        preprocess(corpus_uri, tmp_path.as_uri(), replace(CONFIG, pieces_per_shard=100))
    assert storage.names(tmp_path.as_uri()) == []


def test_a_full_disk_costs_no_dataset_that_another_process_committed_meanwhile(
    corpus_uri, tmp_path, monkeypatch
):
    committed = []

    def fill_up(spark, origin, dataset_uri):
        storage.write_bytes(storage.join(dataset_uri, "notes", "part"), b"notes")
        manifest.commit(dataset_uri, manifest.hashes(dataset_uri))
        committed.append(dataset_uri)
        raise DiskIsFull("No space is left.")

    monkeypatch.setattr("musicgen.preprocess.session.spark_session", nullcontext)
    monkeypatch.setattr("musicgen.preprocess.walk.walk", fill_up)
    with pytest.raises(BadInput, match="No space is left"):
        preprocess(corpus_uri, tmp_path.as_uri(), CONFIG)
    manifest.verify(*committed)


def test_too_many_rejects_name_the_reasons(tmp_path):
    music = {0: b"text", 1: b"text", 2: b"", 3: b"MThd"}
    uri = write_snapshot(tmp_path, small_pieces(8), music)
    with pytest.raises(BadInput) as caught:
        preprocess(uri, tmp_path.as_uri())
    message = str(caught.value)
    assert message.startswith("4 of 8 pieces cannot be used, and at most 20% may be left out: ")
    assert "not_midi (3, such as exercise 0: the file does not begin with MThd)" in message
    assert "damaged_midi (1, such as exercise 3: " in message
    assert "\n" not in message
    assert not storage.exists(storage.join(tmp_path.as_uri(), "datasets"))


def test_corpus_of_text_files_is_refused(tmp_path):
    uri = write_snapshot(tmp_path, small_pieces(3), dict.fromkeys(range(3), b"text"))
    with pytest.raises(BadInput, match=r"^3 of 3 pieces cannot be used.*not_midi"):
        preprocess(uri, tmp_path.as_uri(), PreprocessConfig(max_rejected_share=1.0))


def test_too_few_works_are_refused(tmp_path):
    uri = write_snapshot(tmp_path, small_pieces(2))
    with pytest.raises(BadInput, match="2 works"):
        preprocess(uri, tmp_path.as_uri())


def test_what_is_no_snapshot_is_refused(tmp_path, result):
    with pytest.raises(BadInput, match="never finished"):
        preprocess(tmp_path.as_uri(), tmp_path.as_uri())
    with pytest.raises(BadInput, match="no corpus snapshot"):
        preprocess(result.dataset_uri, tmp_path.as_uri())


def test_damaged_snapshot_names_the_line(tmp_path):
    uri = write_snapshot(tmp_path, small_pieces(5))
    storage.write_bytes(storage.join(uri, "pieces.jsonl"), b'{"piece_id": "half a li')
    with pytest.raises(BadInput, match=r"pieces\.jsonl holds a line that is no piece"):
        preprocess(uri, tmp_path.as_uri())


@pytest.fixture(scope="module")
def many_uri(tmp_path_factory):
    return write_snapshot(tmp_path_factory.mktemp("many"), small_pieces(40))


@pytest.fixture(scope="module")
def whole(many_uri, tmp_path_factory):
    return preprocess(many_uri, tmp_path_factory.mktemp("whole").as_uri(), ONE_A_SHARD)


def test_killed_job_leaves_nothing_and_its_rerun_gives_the_same_bytes(many_uri, whole, tmp_path):
    killed_bucket = tmp_path / "killed"
    _kill_midway(many_uri, killed_bucket)
    with pytest.raises(BadInput, match="never finished"):
        Dataset.open(storage.join(killed_bucket.as_uri(), "datasets", whole.dataset_id))
    again = preprocess(many_uri, killed_bucket.as_uri(), ONE_A_SHARD)
    assert not again.reused
    assert manifest.verify(again.dataset_uri) == manifest.load(whole.dataset_uri)


def test_killed_workers_change_nothing(many_uri, whole, tmp_path):
    with ThreadPoolExecutor() as pool:
        killed = pool.submit(_kill_workers_midway, tmp_path)
        again = preprocess(many_uri, tmp_path.as_uri(), ONE_A_SHARD)
    assert killed.result() > 0
    assert manifest.verify(again.dataset_uri) == manifest.load(whole.dataset_uri)


def _kill_midway(corpus_uri: str, bucket: Path) -> None:
    """Run the stage in a process with one core and kill it once it has written some files."""
    code = (
        "from musicgen.preprocess.config import PreprocessConfig as C\n"
        "from musicgen.preprocess.job import preprocess\n"
        "from musicgen.preprocess.session import spark_session\n"
        "with spark_session('killed', cores=1):\n"
        f"    preprocess({corpus_uri!r}, {bucket.as_uri()!r}, C(pieces_per_shard=1))\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment)
    _wait_for_files(bucket, process)
    process.send_signal(signal.SIGKILL)
    process.wait()


def _kill_workers_midway(bucket: Path) -> int:
    """Kill all Python workers of this process's Spark once files are written; returns how many."""
    _wait_for_files(bucket)
    spark = psutil.Process().children(recursive=True)
    # Spark forks its workers from a daemon, which runs the same command.
    workers = [p for p in spark if WORKER_DAEMON in " ".join(p.parent().cmdline())]
    for worker in workers:
        worker.kill()
    return len(workers)


def _wait_for_files(bucket: Path, process: subprocess.Popen | None = None) -> None:
    deadline = time.monotonic() + 240
    while len(list(bucket.rglob("*.parquet"))) < 8:
        assert process is None or process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
