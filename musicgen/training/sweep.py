"""Trials: the same training with other settings, drawn at random."""

import logging
import random
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from math import inf
from typing import Any

from musicgen.training.config import Value

logger = logging.getLogger(__name__)

MONITORED = {"lstm": "val_nats_per_frame", "gan": "val_distance"}
"""By family the metric that chooses epochs and trials; lower is better."""


def trial_overrides(family: str, trial: int | None, seed: int) -> dict[str, Value]:
    """Return the settings of a trial, drawn from ``profiles/sweep.toml``.

    Trial 0 is the profile as it is, and so is what is no trial. The same trial of the same seed
    always draws the same.
    """
    if not trial:
        return {}
    draw = random.Random(f"{family} {seed} {trial}")
    return {name: draw.choice(choices) for name, choices in drawn_from(family).items()}


def drawn_from(family: str) -> dict[str, list[Value]]:
    """Return what trials of a family choose from, by setting."""
    text = (resources.files("musicgen.training") / "profiles" / "sweep.toml").read_text()
    return tomllib.loads(text)[family]


def in_words(drawn: Mapping[str, Value]) -> str:
    """Return settings on one line, for a log."""
    return ", ".join(f"{name} {value}" for name, value in drawn.items())


def best_trial(family: str, trained: Sequence[Mapping[str, Any]]) -> str:
    """Return the MLflow run of the best trial of a family: the valid split chooses, never the test.

    The log says of each trial what it drew and what it came to.

    Args:
        family: of all trials.
        trained: what ``musicgen train`` printed for each, at least one.
    """
    name = MONITORED[family]
    best = min(trained, key=lambda trial: trial["metrics"].get(name, inf))
    for each in trained:
        logger.info(
            "%s, trial %s (%s): %s %.4f%s",
            *(family, each["trial"], in_words(each["drawn"])),
            *(name, each["metrics"].get(name, inf)),
            ", the lowest: it goes on" if each is best else "",
        )
    return best["run_id"]
