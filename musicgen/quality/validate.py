"""The validate stage: is this dataset fit to train on?"""

import dataclasses
import logging
import tempfile
import time
from pathlib import Path

from musicgen import storage
from musicgen.preprocess.dataset import Dataset
from musicgen.quality import verdict
from musicgen.quality.verdict import ValidationResult

SUITE_VERSION = 2
"""A verdict is good for this version of the suites: raise it when an expectation changes."""

_log = logging.getLogger(__name__)


def validate(dataset_uri: str, force: bool = False, accept_drift: bool = False) -> ValidationResult:
    """Hold all expectations against a dataset and write Data Docs and the verdict beside it.

    Args:
        dataset_uri: a dataset that ``preprocess`` wrote.
        force: judge again, even if this version of the suites has judged before.
        accept_drift: do not hold it against the last accepted dataset of its source; a verdict
            that failed is reached again.

    Raises:
        BadInput: there is no dataset, or its files are not those of its manifest.
        MusicgenError: Spark cannot be started, or one of its workers failed.
    """
    begin = time.monotonic()
    dataset = Dataset.open(dataset_uri)
    known = None if force else verdict.load(dataset.uri, SUITE_VERSION)
    if known and accept_drift and not known.success:
        known = None
    result = known or _judge(dataset, accept_drift)
    for failure in result.failed:
        _log.error("Failed: %s", failure)
    if result.success:
        _log.info("All %d expectations hold.", result.expectations)
    return dataclasses.replace(result, seconds=round(time.monotonic() - begin, 3))


def _judge(dataset: Dataset, accept_drift: bool) -> ValidationResult:
    # Both take seconds to import, and a verdict that is there already needs neither.
    from musicgen.preprocess.failures import readable_failures
    from musicgen.preprocess.session import spark_session
    from musicgen.quality import drift
    from musicgen.quality.docs import make_readable_offline, write_index
    from musicgen.quality.judge import judge
    from musicgen.quality.views import notes_by_piece, views

    docs_uri = storage.join(dataset.uri, verdict.DOCS)
    storage.remove(storage.join(dataset.uri, verdict.NAME))
    storage.remove(docs_uri)
    with tempfile.TemporaryDirectory(prefix="musicgen-docs-") as directory:
        with spark_session("musicgen validate") as spark, readable_failures():
            notes = notes_by_piece(spark, dataset)
            spread = drift.spread(dataset, notes)
            reference = None if accept_drift else drift.last_accepted(dataset)
            found = views(spark, dataset, notes, drift.drift(spread, reference))
            expected, failed = judge(dataset, found, Path(directory))
        write_index(Path(directory), dataset, expected, failed)
        make_readable_offline(Path(directory))
        storage.upload(Path(directory), docs_uri)
    page, count = storage.join(docs_uri, "index.html"), sum(map(len, expected.values()))
    result = ValidationResult(not failed, failed, page, count, reused=False, seconds=0.0)
    if result.success:
        drift.accept(dataset, spread)
    verdict.save(dataset.uri, result, SUITE_VERSION)
    return result
