"""Data Docs that can be read without a network.

Great Expectations renders whole pages but leaves their looks, and all of its index, to style
sheets and scripts of other hosts. A dataset should be readable wherever it lies, and tell nobody
who reads it.
"""

import re
import shutil
from html import escape
from pathlib import Path

from musicgen.preprocess.dataset import Dataset
from musicgen.quality.style import STYLE
from musicgen.quality.verdict import FailedExpectation

_REMOTE = re.compile(
    r"<script\b.*?</script>"
    r"|<link\b[^>]*>"
    r'|<img\b[^>]*src="https?:[^>]*>'
    r"|<footer\b.*?</footer>"
    r"|url\(['\"]?https?:[^)]*\)",
    re.DOTALL,
)


def make_readable_offline(docs_path: Path) -> None:
    """Take from all pages what other hosts would have to serve, and give them a style instead."""
    for page in docs_path.rglob("*.html"):
        html = _REMOTE.sub("", page.read_text())
        page.write_text(html.replace("</head>", f"<style>{STYLE}</style></head>", 1))
    shutil.rmtree(docs_path / "static", ignore_errors=True)


def write_index(
    docs_path: Path,
    dataset: Dataset,
    expected: dict[str, list[str]],
    failed: list[FailedExpectation],
) -> None:
    """Write the first page: the verdict, what failed with examples, and all that was expected.

    Args:
        docs_path: the Data Docs; each table's heading links to its page in them.
        dataset: what was judged.
        expected: descriptions of the expectations by table.
        failed: those that do not hold.
    """
    count = sum(map(len, expected.values()))
    verdict = f"{len(failed)} of {count} expectations fail" if failed else "Fit to train on"
    title = f"{dataset.corpus}, dataset {dataset.dataset_id}"
    body = [
        f"<h4>{escape(title)}</h4>",
        f'<div class="alert"><h5>{verdict}</h5><p>{count} expectations were checked on '
        f"{dataset.counts['pieces']:,} pieces with {dataset.counts['notes']:,} notes.</p></div>",
        *(_section(docs_path, *item, failed) for item in expected.items()),
    ]
    page = f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
    page += f"</title></head><body>{''.join(body)}</body></html>\n"
    (docs_path / "index.html").write_text(page)


def _section(
    docs_path: Path, table: str, expected: list[str], failed: list[FailedExpectation]
) -> str:
    faults = {fault.expectation: fault for fault in failed if fault.table == table}
    # A table with faults has a second page, which names examples.
    pages = sorted((docs_path / "validations").glob(f"{table}*/**/*.html"))
    link = pages[-1].relative_to(docs_path).as_posix()
    rows = "".join(_row(text, faults.get(text)) for text in expected)
    return f'<h5><a href="{escape(link)}">{escape(table)}</a></h5><table>{rows}</table>'


def _row(text: str, fault: FailedExpectation | None) -> str:
    if fault is None:
        return f'<tr><td class="text-success fa-check-circle"></td><td>{escape(text)}</td></tr>'
    examples = "".join(
        "<br><code>"
        + escape(", ".join(f"{name} {value}" for name, value in example.items()))
        + "</code>"
        for example in fault.examples
    )
    found = f"{fault.unexpected_rows:,} unexpected in {escape(fault.column)}"
    return (
        f'<tr><td class="text-danger fa-times"></td><td><strong>{escape(text)}</strong><br>'
        f"{found}{examples}</td></tr>"
    )
