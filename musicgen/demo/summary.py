"""What the demonstration says at its end."""

import json
import math
import sys
from pathlib import Path
from typing import Any

from musicgen.demo.airflow_config import USER
from musicgen.demo.run import DemoResult

SETUP_STAMP_PATH = Path(sys.prefix) / "musicgen-setup.json"


def summary(result: DemoResult, setup_stamp_path: Path = SETUP_STAMP_PATH) -> str:
    """Return the last words of ``make demo``, ready to be printed."""
    promotion, addresses = result.promotion, result.addresses
    verb = "was promoted" if promotion["promoted"] else "was not promoted"
    midi, wav = result.piece.paths
    lines = [
        "",
        f"On stage: {promotion['champion']}",
        f"Why: {promotion['version']} {verb}: {promotion['reason']}",
        "",
        "Likeness to music that no model has heard, 0 to 1:",
        *_scores(result.scores),
        "",
        f"Hear it:   {wav}",
        f"As MIDI:   {midi}",
        f"Report:    {result.report_uri}",
        "",
        f"Listening page: {addresses.api}",
        f"Airflow:        {addresses.airflow}   user {USER}, password {result.password}",
        f'MLflow:         {addresses.mlflow}   choose "Model training" at the top left',
        "",
        f"{_setup_words(setup_stamp_path)}Pipeline run: {result.seconds:.0f} s. "
        f"Peak memory of everything together: {result.peak_bytes / 1e9:.1f} GB.",
        "Everything stays up; `make stop` ends it.",
    ]
    return "\n".join(lines)


def _scores(scores: dict[str, dict[str, Any]]) -> list[str]:
    """Return a table: each model with its score and what that is made of, best first."""
    best_first = sorted(scores.items(), key=lambda item: -item[1]["score"])
    aspects = sorted({name for found in scores.values() for name in found["aspects"]})
    rows = [["model", "score", "95 %", *aspects]]
    for name, found in best_first:
        low, high = found["interval"]
        parts = [f"{found['aspects'].get(aspect, math.nan):.2f}" for aspect in aspects]
        rows.append([name, f"{found['score']:.3f}", f"{low:.3f}-{high:.3f}", *parts])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _setup_words(stamp_path: Path) -> str:
    try:
        return f"Set-up: {json.loads(stamp_path.read_text())['seconds']:.0f} s. "
    except (OSError, ValueError, KeyError):
        return ""
