"""Running the suites with Great Expectations on Spark."""

import logging
from functools import partial
from pathlib import Path

import great_expectations as gx
from great_expectations.core import (
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
    RunIdentifier,
)
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.data_context import EphemeralDataContext
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame

from musicgen.preprocess.dataset import Dataset
from musicgen.preprocess.failures import readable
from musicgen.quality.suites import SUITES
from musicgen.quality.verdict import FailedExpectation

MAX_EXAMPLES = 5

_log = logging.getLogger(__name__)


def judge(
    dataset: Dataset, views: dict[str, DataFrame], docs_path: Path
) -> tuple[dict[str, list[str]], list[FailedExpectation]]:
    """Hold each suite against its view and write Data Docs.

    Args:
        dataset: names what is allowed.
        views: from ``musicgen.quality.views``.
        docs_path: an empty directory for the Data Docs.

    Returns:
        What was expected of each table, in words, and what failed.
    """
    context = _context(docs_path)
    source = context.data_sources.add_spark("dataset", persist=True)
    run_id = RunIdentifier(run_name=dataset.dataset_id)
    expected, failed = {}, []
    for table, suite in SUITES.items():
        _log.info("Validating %s", table)
        asset = source.add_dataframe_asset(table)
        run = partial(
            _run, context, asset.add_batch_definition_whole_dataframe(table), views[table], run_id
        )
        expectations = suite.declare(dataset)
        faults = _faults(run(table, expectations))
        if faults:
            # To find examples costs several queries each, so only what failed is asked for them.
            again = [e for e in suite.declare(dataset) if e.description in faults]
            examples = _faults(run(f"{table}, failed", again, suite.shown))
            failed += [_failure(table, found) for found in examples.values()]
        expected[table] = [expectation.description for expectation in expectations]
    context.build_data_docs()
    return expected, failed


def _run(
    context: EphemeralDataContext,
    batch: BatchDefinition,
    view: DataFrame,
    run_id: RunIdentifier,
    name: str,
    expectations: list[Expectation],
    shown: tuple[str, ...] = (),
) -> ExpectationSuiteValidationResult:
    """Hold expectations against a view; ``shown`` are columns to give with examples, if any."""
    result_format = {
        "result_format": "SUMMARY" if shown else "BOOLEAN_ONLY",
        "partial_unexpected_count": MAX_EXAMPLES,
        "unexpected_index_column_names": list(shown),
    }
    suite = context.suites.add(gx.ExpectationSuite(name, expectations=expectations))
    definition = gx.ValidationDefinition(name=name, data=batch, suite=suite)
    return context.validation_definitions.add(definition).run(
        batch_parameters={"dataframe": view}, result_format=result_format, run_id=run_id
    )


def _context(docs_path: Path) -> EphemeralDataContext:
    """Make a context that leaves nothing behind but the Data Docs."""
    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(docs_path),
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        data_docs_sites={"docs": site},
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _faults(
    result: ExpectationSuiteValidationResult,
) -> dict[str, ExpectationValidationResult]:
    """Return what failed, by description.

    Raises:
        MusicgenError: an expectation could not be evaluated at all, as when a file is damaged.
    """
    faults = {}
    for found in result.results:
        told = found.exception_info or {}
        # Either one for the expectation, or one for each metric that could not be had.
        for trouble in [told] if "raised_exception" in told else told.values():
            if trouble["raised_exception"]:
                raise readable(trouble["exception_traceback"] or trouble["exception_message"])
        if not found.success:
            faults[found.expectation_config.description] = found
    return faults


def _failure(table: str, found: ExpectationValidationResult) -> FailedExpectation:
    kwargs = found.expectation_config.kwargs
    columns = [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
    return FailedExpectation(
        expectation=found.expectation_config.description,
        table=table,
        column=", ".join(columns + kwargs.get("column_list", [])),
        unexpected_rows=found.result["unexpected_count"],
        examples=found.result.get("partial_unexpected_index_list", [])[:MAX_EXAMPLES],
    )
