"""What a run may cost, said before anything starts: an estimate, never a bill."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from musicgen.errors import BadInput
from musicgen.options import assignments
from musicgen.training.config import load_plan, own_settings
from musicgen_gcp.settings import GcpSettings, Machine

# List prices of us-central1 in US dollars an hour, rounded up, as of mid 2025; Vertex AI's include
# its fee, and the accelerators of the default settings. MUSICGEN_GCP_PRICES replaces and adds.
PRICES_USD_PER_HOUR = {
    "serverless": 0.80,  # a driver and two executors of 4 cores: 12 DCU
    "cluster": 0.95,  # three n2-standard-4, two spot workers, Dataproc's fee
    "n1-standard-8:NVIDIA_TESLA_T4:1": 0.85,
    "g2-standard-12:NVIDIA_L4:1": 1.20,
    "a2-highgpu-1g:NVIDIA_TESLA_A100:1": 4.25,
}
SPARK_STAGE_HOURS = 0.25
"""Preprocess, or validate, start of the machines included."""

TRAINING_HOURS = {"quick": 0.3, "standard": 3.0, "full": 12.0}
"""One training of a profile with its own number of steps, start of the machine included."""


@dataclass(frozen=True)
class Estimate:
    """What a run is expected to cost, in US dollars."""

    spark_usd: float
    training_usd: float

    @property
    def usd(self) -> float:
        """The sum."""
        return self.spark_usd + self.training_usd

    def __str__(self) -> str:
        return (
            f"about {self.usd:.2f} USD "
            f"({self.spark_usd:.2f} for Spark, {self.training_usd:.2f} for training)"
        )


def estimate(config: GcpSettings, request: Mapping[str, Any]) -> Estimate:
    """Estimate a run from its form: ``profile``, ``families``, ``trials``, ``overrides``.

    Raises:
        BadInput: no price is known for a machine that the run would use, or a family cannot use
            one of its settings.
    """
    spark = 2 * SPARK_STAGE_HOURS * priced(config, config.spark)
    if config.training != "vertex":
        return Estimate(spark, 0.0)
    profile, told = request["profile"], request.get("overrides") or []
    machine = Machine.of_profile(config.machines, profile)
    once = sum(training_hours(family, profile, told) for family in request["families"])
    hours = once * request["trials"] * machine.replicas
    return Estimate(spark, hours * priced(config, machine.priced_as))


def training_hours(family: str, profile: str, told: Iterable[str]) -> float:
    """Return how long one training is expected to take: the profile's hours, by its steps.

    Args:
        family: model family.
        profile: training profile.
        told: settings as ``NAME=VALUE``; those of other families count for nothing.
    """
    changed = load_plan(family, profile, assignments(own_settings(family, told))).training
    steps = load_plan(family, profile).training.total_steps
    return TRAINING_HOURS[profile] * changed.total_steps / steps


def priced(config: GcpSettings, key: str) -> float:
    """Return a machine's price in US dollars an hour.

    Raises:
        BadInput: it is not known.
    """
    prices = PRICES_USD_PER_HOUR | _own_prices(config.prices)
    if key not in prices:
        raise BadInput(
            f"No price is known for {key}: say it as MUSICGEN_GCP_PRICES='{key}=1.23', "
            "US dollars an hour."
        )
    return prices[key]


def check(config: GcpSettings, request: Mapping[str, Any]) -> Estimate:
    """Estimate a run and hold it against the ceiling.

    Raises:
        BadInput: it is above.
    """
    expected = estimate(config, request)
    if 0 < config.cost_ceiling_usd < expected.usd:
        raise BadInput(
            f"This run would cost {expected}, and MUSICGEN_GCP_COST_CEILING_USD is "
            f"{config.cost_ceiling_usd:.2f}. Choose a smaller profile or fewer trials, or raise it."
        )
    return expected


def help_text(config: GcpSettings) -> str:
    """Return what the form says of each profile's cost, both families, one trial."""
    both = {"families": ["lstm", "gan"], "trials": 1}
    known = [each.partition("=")[0] for each in config.machines.split()]
    said = [f"{p} {estimate(config, both | {'profile': p}).usd:.0f}" for p in known]
    return f"On Google Cloud, with both models and one trial, about: {', '.join(said)} USD."


def _own_prices(text: str) -> dict[str, float]:
    try:
        pairs = (each.rpartition("=") for each in text.split())
        return {name: float(price) for name, _, price in pairs}
    except ValueError:
        raise BadInput(
            f"MUSICGEN_GCP_PRICES is {text!r}; write MACHINE=PRICE, separated by blanks."
        ) from None
