"""How to train: profiles are data, and every value can be overridden by name."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from importlib import resources
from typing import Any

from musicgen.errors import BadInput
from musicgen.options import Value, assignments, parsed
from musicgen.ranges import Ranged, ranged
from musicgen.training.gan_options import GanOptions
from musicgen.training.lstm_options import LstmOptions

OPTIONS: dict[str, type[LstmOptions] | type[GanOptions]] = {"lstm": LstmOptions, "gan": GanOptions}
"""What each family adds to ``TrainingConfig``: the table ``[<profile>.options]`` of its file."""


@dataclass(frozen=True)
class TrainingConfig(Ranged):
    """What both families need to know to train.

    Attributes:
        epochs: at most; early stopping may end sooner.
        steps_per_epoch: gradient steps between two validations.
        batch_size: examples a step, over all devices together.
        learning_rate: the peak, reached at the end of the warm-up.
        warmup_steps: steps in which the rate rises linearly from 0 to its peak.
        final_rate: where the cosine ends, as a fraction of the peak; 1 keeps the rate constant.
        plateau_patience: epochs without a better validation before the rate is cut.
        plateau_factor: what the rate is then multiplied by.
        stopping_patience: epochs without a better validation before training ends.
        samples_every: epochs between two sets of generated samples; 0 makes none.
        samples: scores in a set.
        steps_per_execution: steps in one call of the compiled function; an epoch is a whole
            number of calls.
        mixed_precision: compute in float16 where the device gains from it (GPUs).
    """

    epochs: int = ranged(10, 1)
    steps_per_epoch: int = ranged(100, 1)
    batch_size: int = ranged(32, 1)
    learning_rate: float = ranged(3e-3, 0)
    warmup_steps: int = ranged(100, 0)
    final_rate: float = ranged(0.0, 0, 1)
    plateau_patience: int = ranged(3, 0)
    plateau_factor: float = ranged(0.5, 0.01, 0.99)
    stopping_patience: int = ranged(8, 0)
    samples_every: int = ranged(5, 0)
    samples: int = ranged(2, 1)
    steps_per_execution: int = ranged(1, 1)
    mixed_precision: bool = False

    def check(self) -> None:
        """See that settings go together; Keras would train for more steps than an epoch has.

        Raises:
            BadInput: they do not.
        """
        if self.steps_per_epoch % self.steps_per_execution:
            raise BadInput(
                f"steps_per_epoch is {self.steps_per_epoch}; give a multiple of "
                f"steps_per_execution, {self.steps_per_execution}."
            )

    @property
    def total_steps(self) -> int:
        """Gradient steps if training goes to its last epoch."""
        return self.epochs * self.steps_per_epoch


@dataclass(frozen=True)
class Plan:
    """A whole configuration: what is common, and what the family adds."""

    training: TrainingConfig
    options: Any

    def document(self) -> dict[str, dict[str, Value]]:
        """Return the plan as JSON values: what names a training and what MLflow shows."""
        return {"training": asdict(self.training), "options": asdict(self.options)}


def load_plan(family: str, profile: str, overrides: dict[str, Value] | None = None) -> Plan:
    """Read ``profiles/<family>.toml`` and apply overrides.

    Args:
        family: names the file.
        profile: a table in the file with the sub-tables ``training`` and ``options``.
        overrides: values by field name, of either table; text is parsed as the field's type.

    Raises:
        BadInput: there is no such family, profile or field, a value is not of the field's type
            or range, or values do not go together.
    """
    if family not in OPTIONS:
        raise BadInput(f"There is no model family {family!r}; choose {' or '.join(OPTIONS)}.")
    text = (resources.files("musicgen.training") / "profiles" / f"{family}.toml").read_text()
    profiles = tomllib.loads(text)
    if profile not in profiles:
        raise BadInput(f"There is no profile {profile!r} for {family}; choose {_any(profiles)}.")
    table = profiles[profile]
    plan = Plan(
        TrainingConfig(**table.get("training", {})), OPTIONS[family](**table.get("options", {}))
    )
    for name, value in (overrides or {}).items():
        plan = _override(plan, name, value)
    plan.training.check()
    return plan


def own_settings(family: str, pairs: Iterable[str]) -> list[str]:
    """Return those ``NAME=VALUE`` that a family can be told, of what a run says to all of its."""
    return [pair for pair in pairs if pair.partition("=")[0] in _names(family)]


def check_settings(families: Sequence[str], profile: str, pairs: Sequence[str]) -> None:
    """See that families can be trained with some ``NAME=VALUE``, before anything starts.

    Raises:
        BadInput: none of the families has such a setting, one that has it cannot use its value, or
            there is no such profile.
    """
    for family in families:
        load_plan(family, profile, assignments(own_settings(family, pairs)))
    known = set().union(*map(_names, families))
    for name in assignments(list(pairs)):
        if name not in known:
            whose, choice = " or ".join(families), _any(known)
            raise BadInput(f"There is no training option {name!r} of {whose}; choose {choice}.")


def _names(family: str) -> set[str]:
    return {each.name for table in (TrainingConfig, OPTIONS[family]) for each in fields(table)}


def _override(plan: Plan, name: str, value: Value) -> Plan:
    for part in ("training", "options"):
        target = getattr(plan, part)
        for each in fields(target):
            if each.name == name:
                changed = parsed(name, value, getattr(target, name))
                return replace(plan, **{part: replace(target, **{name: changed})})
    known = [each.name for part in (plan.training, plan.options) for each in fields(part)]
    raise BadInput(f"There is no training option {name!r}; choose {_any(known)}.")


def _any(names) -> str:
    return ", ".join(sorted(names))
