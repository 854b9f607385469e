"""The report as a page."""

from html import escape

import pyarrow as pa

from musicgen.analysis.charts import charts, summed
from musicgen.analysis.words import SECONDS_PER_HOUR, counted, lasting
from musicgen.listening.style import STYLE
from musicgen.preprocess.dataset import Dataset
from musicgen.preprocess.schema import SPLITS

LAYOUT = """
figure { margin: 0; max-width: 100%; overflow-x: auto; } figure img { max-width: none; }
.charts { display: flex; flex-wrap: wrap; gap: 1.5rem 1rem; align-items: flex-start; }
"""
MOST_DUPLICATES = 25

Tables = dict[str, pa.Table]


def page(dataset: Dataset, tables: Tables) -> str:
    """Return the report as one self-contained HTML page."""
    title = f"{dataset.corpus}, dataset {dataset.dataset_id}"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Corpus report · {escape(title)}</title><style>{STYLE}{LAYOUT}</style></head><body>
<h1>Corpus report · {escape(title)}</h1>
<p>{_findings(tables)}</p>
<h2>Splits</h2>
<p>All pieces of a work are in one split.</p>
{_splits(tables["splits"])}
<h2>Music</h2>
<div class="charts">
{"".join(charts(tables, dataset.config.steps_per_quarter))}
</div>
<h2>What was left out</h2>
{_rejected(tables["rejected"])}
<h2>Recordings of one score</h2>
{_duplicates(tables["duplicates"])}
<p>The numbers behind all pictures are Parquet files beside this page, in <code>tables/</code>.</p>
</body></html>
"""


def totals(tables: Tables) -> dict[str, float]:
    """Return the number of pieces, notes and hours, and of pieces left out."""
    splits = tables["splits"].to_pylist()
    return {
        "pieces": sum(row["pieces"] for row in splits),
        "notes": sum(row["notes"] for row in splits),
        "hours": sum(row["seconds"] for row in splits) / SECONDS_PER_HOUR,
        "left_out": sum(tables["rejected"]["pieces"].to_pylist()),
    }


def _findings(tables: Tables) -> str:
    found = totals(tables)
    text = (
        f"{counted(found['pieces'], 'piece')} with {counted(found['notes'], 'note')}, "
        f"{lasting(found['hours'] * SECONDS_PER_HOUR)}."
    )
    for what in ("composer", "ensemble"):
        ranked = summed(tables[f"{what}s"], what, "pieces").most_common(1)
        if ranked:
            name, pieces = ranked[0]
            share = pieces / found["pieces"]
            text += (
                f" By pieces, the most frequent {what} is <strong>{escape(name)}</strong> "
                f"({counted(pieces, 'piece')}, {share:.0%})."
            )
    return text


def _splits(table: pa.Table) -> str:
    rows = {row["split"]: row for row in table.to_pylist()}
    cells = [
        [
            split,
            f"{row['works']:,}",
            f"{row['pieces']:,}",
            f"{row['notes']:,}",
            f"{row['frames']:,}",
            f"{row['seconds'] / SECONDS_PER_HOUR:.2f}",
        ]
        for split in SPLITS
        if (row := rows.get(split))
    ]
    return _table(["", "works", "pieces", "notes", "frames", "hours"], cells)


def _rejected(table: pa.Table) -> str:
    if not table.num_rows:
        return "<p>Nothing.</p>"
    rows = sorted(table.to_pylist(), key=lambda row: -row["pieces"])
    cells = [[row["reason"].replace("_", " "), f"{row['pieces']:,}"] for row in rows]
    return _table(["reason", "pieces"], cells) + (
        "<p>The table <code>rejected</code> of the dataset names each piece, and why.</p>"
    )


def _duplicates(table: pa.Table) -> str:
    if not table.num_rows:
        return "<p>Every score is there once.</p>"
    rows = sorted(table.to_pylist(), key=lambda row: (-row["pieces"], row["piece_id"]))
    cells = [[row["piece_id"], f"{row['pieces'] + 1:,}"] for row in rows[:MOST_DUPLICATES]]
    more = f" The first {MOST_DUPLICATES} are shown." if len(rows) > MOST_DUPLICATES else ""
    there = f"{counted(len(rows), 'score')} {'was' if len(rows) == 1 else 'were'} there"
    told = f"<p>{there} more than once; one of each was taken.{more}</p>"
    return told + _table(["piece taken", "recordings"], cells)


def _table(head: list[str], rows: list[list[str]]) -> str:
    titles = "".join(f"<th>{escape(title)}</th>" for title in head)
    body = "".join(
        f"<tr><th>{escape(first)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in rest)}</tr>"
        for first, *rest in rows
    )
    return (
        f'<div class="wide"><table><thead><tr>{titles}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
