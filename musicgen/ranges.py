"""What values settings may have, said where they are declared."""

from dataclasses import field, fields
from math import inf
from typing import Any

from musicgen.errors import BadInput

_RANGE = "range"


def ranged(default: float, least: float, most: float = inf) -> Any:
    """Return a dataclass field with a default and the range, ends included, of what it may be."""
    return field(default=default, metadata={_RANGE: (least, most)})


def check_ranges(settings: Any) -> None:
    """Hold a dataclass to its ranges.

    Raises:
        BadInput: a value lies outside, or is no number.
    """
    for each in fields(settings):
        least, most = each.metadata.get(_RANGE, (-inf, inf))
        value = getattr(settings, each.name)
        if _RANGE in each.metadata and not least <= value <= most:
            wanted = f"be at least {least}" if most == inf else f"lie in {least}–{most}"
            raise BadInput(f"{each.name} is {value}; it must {wanted}.")
