"""Trials: the same training with other settings, drawn at random."""

import random
import tomllib
from importlib import resources

from musicgen.training.config import Value


def trial_overrides(family: str, trial: int, seed: int) -> dict[str, Value]:
    """Return the settings of a trial, drawn from ``profiles/sweep.toml``.

    Trial 0 is the profile as it is. The same trial of the same seed always draws the same.
    """
    if not trial:
        return {}
    text = (resources.files("musicgen.training") / "profiles" / "sweep.toml").read_text()
    draw = random.Random(f"{family} {seed} {trial}")
    return {name: draw.choice(choices) for name, choices in tomllib.loads(text)[family].items()}
