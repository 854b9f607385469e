"""What values settings may have, said where they are declared."""

from dataclasses import field, fields
from math import inf
from typing import Any

from musicgen.errors import BadInput

_RANGE = "range"


def ranged(default: float, least: float, most: float = inf) -> Any:
    """Return a dataclass field with a default and the range, ends included, of what it may be."""
    return field(default=default, metadata={_RANGE: (least, most)})


class Ranged:
    """Base of dataclasses whose fields keep to their ranges; BadInput names what does not."""

    def __post_init__(self) -> None:
        for each in fields(self):  # type: ignore[arg-type]  # its heirs are dataclasses
            if _RANGE in each.metadata:
                _check(each.name, getattr(self, each.name), *each.metadata[_RANGE])


def _check(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:  # nor does what is no number
        wanted = f"be at least {least}" if most == inf else f"lie in {least}–{most}"
        raise BadInput(f"{name} is {value}; it must {wanted}.")
