"""What an evaluation says of one candidate: in ``scores.json``, in short, and as MLflow metrics."""

from typing import Any

import numpy as np

from musicgen.evaluation.comparison import Contender


def full(contender: Contender) -> dict[str, Any]:
    """Return all numbers, the resampled scores among them, as a JSON document."""
    return {
        **contender.standing.document(),
        "gates": {name: gate.document() for name, gate in contender.gates.items()},
        "copying": contender.copying,
        "resampled": np.round(contender.standing.resampled, 6).tolist(),
    }


def summary(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a candidate's entry that a command prints."""
    means = {name: values["mean"] for name, values in entry["measures"].items() if "mean" in values}
    kept = ("family", "run_id", "version", "score", "interval", "aspects", "gates")
    return {
        **{name: entry[name] for name in kept},
        "told_apart": entry["told_apart"],
        "diversity": entry["diversity"],
        **entry["copying"],
        "measures": means,
    }


def metrics(entry: dict[str, Any]) -> dict[str, float]:
    """Return MLflow metrics under the same names for every family."""
    low, high = entry["interval"]
    found = {
        "score": entry["score"],
        "score_low": low,
        "score_high": high,
        "told_apart": entry["told_apart"],
        "diversity": entry["diversity"],
        **entry["copying"],
    }
    found |= {f"aspect.{name}": value for name, value in entry["aspects"].items()}
    found |= {f"gate.{name}": gate["value"] for name, gate in entry["gates"].items()}
    for name, values in entry["measures"].items():
        found[f"likeness.{name}"] = values["likeness"]
        if "mean" in values:
            found[name] = values["mean"]
    return found
