"""The analyse stage: what is in this dataset?"""

import io
import time
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from musicgen import manifest, storage
from musicgen.analysis import tracking
from musicgen.preprocess.dataset import Dataset

ANALYSIS = "analysis"
REPORT = "report.html"
VERSION = 4
"""A report is good for this version of its tables and pictures: raise it when they change."""


@dataclass(frozen=True)
class AnalysisResult:
    """Where the report is and what it begins with.

    Attributes:
        report_uri: the page; its tables are beside it, in ``tables/``.
        report_url: the page as a browser finds it in MLflow, else the same as ``report_uri``.
        run_id: the MLflow run that keeps it; None where MLflow does not answer.
        pieces: number of pieces in the dataset.
        notes: number of their notes.
        hours: their playing time.
        reused: whether the report was there before.
        seconds: how long this call took.
    """

    report_uri: str
    report_url: str
    run_id: str | None
    pieces: int
    notes: int
    hours: float
    reused: bool
    seconds: float


def analyse(dataset_uri: str) -> AnalysisResult:
    """Write the report of a dataset beside it, unless it is there, and enter it in MLflow.

    Raises:
        BadInput: there is no dataset, or its files are not those of its manifest.
        MusicgenError: Spark cannot be started, or one of its workers failed.
    """
    begin = time.monotonic()
    dataset = Dataset.open(dataset_uri)
    uri = storage.join(dataset.uri, ANALYSIS)
    reused = manifest.exists(uri) and manifest.load(uri).get("version") == VERSION
    if not reused:
        _write(dataset, uri)
    totals = manifest.load(uri)["totals"]
    report_uri = storage.join(uri, REPORT)
    report = storage.read_bytes(report_uri).decode()
    entry = tracking.record(dataset, report_uri, report, VERSION, totals)
    return AnalysisResult(
        report_uri,
        (entry and entry.page_url) or report_uri,
        entry and entry.run_id,
        totals["pieces"],
        totals["notes"],
        totals["hours"],
        reused,
        round(time.monotonic() - begin, 3),
    )


def _write(dataset: Dataset, uri: str) -> None:
    # All take seconds to import, and a report that is there already needs none of them.
    from musicgen.analysis.page import page, totals
    from musicgen.analysis.tables import tables
    from musicgen.preprocess.failures import readable_failures
    from musicgen.preprocess.session import spark_session

    storage.remove(uri)
    with spark_session(f"musicgen analyse {dataset.corpus}") as spark, readable_failures():
        found = tables(spark, dataset)
    for name, table in found.items():
        storage.write_bytes(storage.join(uri, "tables", f"{name}.parquet"), _parquet(table))
    storage.write_bytes(storage.join(uri, REPORT), page(dataset, found).encode())
    manifest.commit(uri, manifest.hashes(uri), version=VERSION, totals=totals(found))


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
