"""What the demonstration says at its end."""

import json
import math
import sys
from pathlib import Path
from typing import Any

from musicgen.demo.airflow_config import USER
from musicgen.demo.run import DemoResult
from musicgen.evaluation.report.words import control_name

YARDSTICKS = ("held_out_music", "five_gram", "independent_notes")
"""Controls that a score is best understood by: the goal, a model that knows little, and chance."""
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
        *_scores(result.scores, result.controls),
        "Beside the models: music itself, a five-gram model, notes drawn one by one.",
        "Told apart: how often it is known from real music; 0.5 is chance, 1 is always.",
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


def _scores(scores: dict[str, dict[str, Any]], controls: dict[str, dict[str, Any]]) -> list[str]:
    """Return a table: models and yardsticks, best first, a column each, so that it stays narrow."""
    yardsticks = {control_name(name): controls[name] for name in YARDSTICKS}
    best_first = sorted((scores | yardsticks).items(), key=lambda item: -item[1]["score"])
    aspects = sorted({name for found in scores.values() for name in found["aspects"]})
    columns = [["", "score", "95 % from", "95 % to", "told apart", *aspects]]
    for name, found in best_first:
        bounds = [f"{value:.3f}" for value in (found["score"], *found["interval"])]
        parts = [found["told_apart"], *(found["aspects"].get(name, math.nan) for name in aspects)]
        columns.append([name, *bounds, *(f"{value:.2f}" for value in parts)])
    widths = [max(map(len, column)) for column in columns]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in zip(*columns, strict=True)
    ]


def _setup_words(stamp_path: Path) -> str:
    try:
        return f"Set-up: {json.loads(stamp_path.read_text())['seconds']:.0f} s. "
    except (OSError, ValueError, KeyError):
        return ""
