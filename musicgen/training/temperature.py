"""The temperature that a model plays best at."""

import logging
from dataclasses import replace

import numpy as np
import tensorflow as tf

from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.generation.engine import Engine, load_engine
from musicgen.generation.request import Request
from musicgen.models.roll_distance import RollDistance
from musicgen.preprocess.dataset import Dataset
from musicgen.representation.pianoroll import BARS, STEPS, to_roll
from musicgen.training.rolls import Rolls

LOG = logging.getLogger(__name__)
FEWEST_ROLLS, MOST_ROLLS = 8, 128
"""Of fewer the distances say nothing; of more they say no more."""


def at_best_temperature(
    bundle: Bundle, temperatures: tuple[float, ...], dataset: Dataset, seed: int
) -> Bundle:
    """Return the bundle with that one of the temperatures at which it is closest to valid music.

    At each temperature the model plays what the same valid rolls ask for, their composers and
    ensembles; ``RollDistance`` compares, as it does to choose a GAN's best epoch. How much a model
    should dare depends on how well it learned: trained too briefly, it repeats what is likely.
    Without temperatures, or with hardly a valid roll, the bundle comes back as it is.
    """
    if not temperatures:
        return bundle
    try:
        rolls = Rolls.read(dataset, "valid")
    except BadInput as error:
        LOG.info("No temperature is chosen: %s", error)
        return bundle
    if len(rolls) < FEWEST_ROLLS:
        LOG.info("No temperature is chosen: to compare takes %d valid excerpts.", FEWEST_ROLLS)
        return bundle
    rows = np.random.default_rng(seed).permutation(len(rolls))[:MOST_ROLLS]
    composers = [dataset.composers[index] for index in rolls.composer[rows]]
    ensembles = [dataset.ensembles[index] for index in rolls.ensemble[rows]]
    asked = list(zip(composers, ensembles, strict=True))
    engine, real = load_engine(bundle), rolls.dense(rows)
    distances = {t: _distance(real, _played(engine, asked, t)) for t in temperatures}
    LOG.info(
        "Distance from valid music by temperature: %s",
        ", ".join(f"{t:g}: {distance:.3f}" for t, distance in distances.items()),
    )
    best = min(distances, key=distances.__getitem__)
    return replace(bundle, model={**bundle.model, "temperature": best})


def _played(engine: Engine, asked: list[tuple[str, str]], temperature: float) -> np.ndarray:
    """Return a roll for each composer and ensemble."""
    requests = [
        Request(seed, composer, ensemble, BARS, temperature=temperature)
        for seed, (composer, ensemble) in enumerate(asked)
    ]
    return np.stack([to_roll(score.window(0, STEPS)) for score in engine.generate(requests)])


def _distance(real: np.ndarray, made: np.ndarray) -> float:
    """Compare all rolls at once: batches count alike however many are in the last of them."""
    distance = RollDistance(name="distance")
    distance.update_state(*(tf.constant(rolls, tf.float32) for rolls in (real, made)))
    return float(distance.result()["distance"])
