import os
import subprocess
import sys

import numpy as np
import pytest
from datasets import make_dataset, placed_pieces

from musicgen import manifest, storage
from musicgen.errors import BadInput
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.dataset import Dataset
from musicgen.preprocess.schema import TABLES
from musicgen.representation.pianoroll import SHAPE, from_active_cells, from_roll
from musicgen.representation.sequence import decode


@pytest.fixture
def dataset(tmp_path):
    return Dataset.open(make_dataset(tmp_path))


def test_manifest_tells_all_that_is_needed(dataset):
    assert dataset.uri.endswith(f"/datasets/{dataset.dataset_id}")
    assert dataset.composers == ["unknown", "Bach", "Haydn"]
    assert dataset.ensembles == ["unknown", "Solo Piano", "String Quartet"]
    assert dataset.config == PreprocessConfig()
    assert dataset.vocabulary.size == 706
    assert dataset.counts["pieces"] == dataset.counts["sequences"] == 12
    manifest.verify(dataset.uri)


@pytest.mark.parametrize("name", TABLES)
def test_tables_have_their_schema(dataset, name):
    table = dataset.table(name)
    assert table.schema.equals(TABLES[name])
    assert table.num_rows == dataset.counts[name]
    assert (table.num_rows == 0) == (name == "rejected")


def test_split_and_columns(dataset):
    sizes = {s: dataset.table("pieces", ["work"], s).num_rows for s in ("train", "valid", "test")}
    assert sizes == {"train": 8, "valid": 2, "test": 2}
    assert dataset.table("pieces", ["work"], "test").schema.names == ["work"]


def test_sequences_decode_to_their_notes(dataset):
    scores = {p.piece.piece_id: p.score for p in placed_pieces(12)}
    for row in dataset.table("sequences").to_pylist():
        score = scores[row["piece_id"]]
        decoded = decode(row["tokens"], dataset.vocabulary)
        assert decoded.notes.tolist() == score.notes.tolist()
        assert decoded.length_steps == row["frames"] == score.length_steps
        assert len(row["positions"]) == len(row["tokens"])
        assert max(row["positions"]) == 15


def test_piano_rolls_are_windows_of_their_piece(dataset):
    scores = {p.piece.piece_id: p.score for p in placed_pieces(12)}
    for row in dataset.table("pianorolls").to_pylist():
        roll = from_active_cells(np.array(row["cells"]))
        assert roll.shape == SHAPE
        expected = scores[row["piece_id"]].window(row["start_steps"], 64)
        assert from_roll(roll).notes.tolist() == expected.notes.tolist()


def test_parts_come_one_by_one_in_order(dataset):
    parts = list(dataset.parts("sequences", ["piece_id"]))
    assert len(parts) == 2
    joined = [value for part in parts for value in part["piece_id"].to_pylist()]
    assert joined == dataset.table("sequences")["piece_id"].to_pylist()


def test_files_beside_the_manifest_are_not_read(dataset, tmp_path):
    uri = dataset.files("pieces")[0]
    stray = uri.replace("part-00000", "part-99999")
    storage.write_bytes(stray, storage.read_bytes(uri))
    assert Dataset.open(dataset.uri).table("pieces").num_rows == 12


def test_what_is_not_there_is_said(dataset, tmp_path):
    with pytest.raises(BadInput, match="never finished"):
        Dataset.open(tmp_path.as_uri())
    with pytest.raises(BadInput, match="no table 'tokens'"):
        dataset.table("tokens")
    with pytest.raises(BadInput, match="no column tokenz"):
        dataset.table("sequences", ["tokenz"])
    with pytest.raises(BadInput, match="no split 'dev'"):
        dataset.table("sequences", split="dev")


def test_another_schema_version_is_refused(dataset):
    facts = dataset.document | {"schema_version": 0}
    manifest.commit(dataset.uri, **facts)
    with pytest.raises(BadInput, match="schema version 0"):
        Dataset.open(dataset.uri)


def test_reading_needs_neither_spark_nor_great_expectations():
    code = (
        "import sys, musicgen.preprocess.dataset, musicgen.preprocess.job, "
        "musicgen.quality.validate\n"
        "print({'pyspark', 'great_expectations', 'pandas'} & sys.modules.keys())"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert told.stdout == "set()\n"
