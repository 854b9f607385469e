import io
import re

import pyarrow.parquet as pq
import pytest
from datasets import make_dataset

from musicgen import manifest, storage
from musicgen.analysis import tracking
from musicgen.analysis.analyse import VERSION, analyse
from musicgen.analysis.tables import COLUMNS
from musicgen.errors import BadInput
from musicgen.preprocess.dataset import Dataset
from musicgen.settings import settings
from musicgen.training.tracking import Tracker

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The URI of a dataset, and the result of its analysis."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        patch.setenv("MUSICGEN_TRACKING_URI", f"sqlite:///{home}/mlflow.db")
        patch.setenv("MUSICGEN_HOME", str(home))
        settings.cache_clear()
        dataset_uri = make_dataset(tmp_path_factory.mktemp("bucket"))
        yield dataset_uri, analyse(dataset_uri)
    settings.cache_clear()


def table(dataset_uri, name):
    data = storage.read_bytes(storage.join(dataset_uri, "analysis", "tables", f"{name}.parquet"))
    return pq.read_table(io.BytesIO(data))


def test_tables_agree_with_the_dataset(made):
    dataset_uri, result = made
    dataset = Dataset.open(dataset_uri)
    notes = dataset.counts["notes"]
    assert (result.pieces, result.notes, result.reused) == (12, notes, False)
    for name in ("composers", "ensembles", "instruments", "pitches", "durations", "splits"):
        assert sum(table(dataset_uri, name)["notes"].to_pylist()) == notes
    for name, columns in COLUMNS.items():
        assert tuple(table(dataset_uri, name).column_names) == columns
    splits = {row["split"]: row for row in table(dataset_uri, "splits").to_pylist()}
    assert {split: row["works"] for split, row in splits.items()} == {
        "train": 8,
        "valid": 2,
        "test": 2,
    }
    assert table(dataset_uri, "metres").to_pylist()[0]["metre"] == "4/4"


def test_the_page_is_whole_and_asks_no_other_host(made):
    page = storage.read_bytes(made[1].report_uri).decode()
    assert "By pieces, the most frequent composer is <strong>Bach</strong> (6 pieces, 50%)." in page
    assert 'alt="Hours by composer"' in page
    assert page.count('src="data:image/svg+xml;base64,') == page.count("<img") == 11
    assert not re.search(r"<script|<link|(src|href)=.https?:|url\(.?https?:|@import", page)


def test_it_is_made_and_entered_in_mlflow_once(made, monkeypatch):
    dataset_uri, first = made
    manifest.verify(storage.join(dataset_uri, "analysis"))
    monkeypatch.setattr("musicgen.analysis.analyse._write", None)  # would fail if it were called
    again = analyse(dataset_uri)
    assert again.reused
    assert again.run_id == first.run_id
    client = Tracker().client
    run = client.get_run(first.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.metrics["corpus.pieces"] == 12
    assert run.data.tags["musicgen.dataset_uri"] == dataset_uri
    assert [file.path for file in client.list_artifacts(first.run_id, "analysis")] == [
        "analysis/report.html"
    ]


def test_a_newer_version_of_it_is_entered_too(made):
    dataset = Dataset.open(made[0])
    newer = tracking.record(dataset, made[1].report_uri, "<p>anew</p>", VERSION + 1, {})
    assert newer.run_id != made[1].run_id
    assert analyse(made[0]).run_id == made[1].run_id


def test_without_mlflow_the_report_stands(made, monkeypatch, caplog):
    def fail(*_):
        raise OSError("no route to host")

    monkeypatch.setattr("musicgen.training.tracking.Tracker.experiment_id", fail)
    result = analyse(made[0])
    assert result.run_id is None
    assert result.report_url == made[1].report_uri
    assert "no route to host" in caplog.text


def test_a_server_shows_the_page():
    entry = tracking._entry("http://127.0.0.1:5000/", "7", "abc")
    expected = "http://127.0.0.1:5000/#/experiments/7/runs/abc/artifacts/analysis/report.html"
    assert entry.page_url == expected


def test_no_dataset_no_report(tmp_path):
    with pytest.raises(BadInput, match="never finished"):
        analyse(tmp_path.as_uri())
