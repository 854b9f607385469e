"""Trials: the same training with other settings, drawn at random."""

import random
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from math import inf
from typing import Any

from musicgen.training.config import Value

MONITORED = {"lstm": "val_nats_per_frame", "gan": "val_distance"}
"""By family the metric that chooses epochs and trials; lower is better."""


def trial_overrides(family: str, trial: int | None, seed: int) -> dict[str, Value]:
    """Return the settings of a trial, drawn from ``profiles/sweep.toml``.

    Trial 0 is the profile as it is, and so is what is no trial. The same trial of the same seed
    always draws the same.
    """
    if not trial:
        return {}
    text = (resources.files("musicgen.training") / "profiles" / "sweep.toml").read_text()
    draw = random.Random(f"{family} {seed} {trial}")
    return {name: draw.choice(choices) for name, choices in tomllib.loads(text)[family].items()}


def best_trial(family: str, trained: Sequence[Mapping[str, Any]]) -> str:
    """Return the MLflow run of the best trial of a family: the valid split chooses, never the test.

    Args:
        family: of all trials.
        trained: what ``musicgen train`` printed for each, at least one.
    """
    name = MONITORED[family]
    return min(trained, key=lambda trial: trial["metrics"].get(name, inf))["run_id"]
