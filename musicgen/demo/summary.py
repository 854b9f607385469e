"""What the demonstration says at its end."""

import json
import sys
from pathlib import Path

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
        *_scores(result.scores),
        "",
        f"Hear it:   {wav}",
        f"As MIDI:   {midi}",
        f"Report:    {result.report_uri}",
        "",
        f"Listening page: {addresses.api}",
        f"Airflow:        {addresses.airflow}   user {USER}, password {result.password}",
        f"MLflow:         {addresses.mlflow}",
        "",
        f"{_setup_words(setup_stamp_path)}Pipeline run: {result.seconds:.0f} s. "
        f"Peak memory of everything together: {result.peak_bytes / 1e9:.1f} GB.",
        "Everything stays up; `make stop` ends it.",
    ]
    return "\n".join(lines)


def _scores(scores: dict[str, dict]) -> list[str]:
    """Return a line for each model with its numbers."""
    return [f"{name}: {_numbers(measures)}" for name, measures in scores.items()]


def _numbers(measures: dict | float) -> str:
    if not isinstance(measures, dict):
        return f"{measures:.4g}"
    numbers = {key: value for key, value in measures.items() if isinstance(value, int | float)}
    return ", ".join(f"{key} {value:.4g}" for key, value in numbers.items())


def _setup_words(stamp_path: Path) -> str:
    try:
        return f"Set-up: {json.loads(stamp_path.read_text())['seconds']:.0f} s. "
    except (OSError, ValueError, KeyError):
        return ""
