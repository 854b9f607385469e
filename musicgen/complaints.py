"""What validation found, in sentences with cause and remedy, which Pydantic's own are not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SHOWN_CHARACTERS = 40
_KINDS = {"int": "a whole number", "float": "a number", "finite": "a number"}


@dataclass(frozen=True)
class Wanted:
    """What a value may be, as far as it was declared; None where it was not.

    Attributes:
        least: the lowest number.
        above: a number that it has to exceed.
        most: the highest number.
        example: a text that would do.
    """

    least: float | None = None
    above: float | None = None
    most: float | None = None
    example: str | None = None

    @property
    def span(self) -> str:
        """The numbers that will do, to stand behind "a number"."""
        if self.above is not None:
            return f" above {self.above:.16g}" + self._up_to(" and up to")
        if self.least is not None:
            return f" from {self.least:.16g}" + (self._up_to(" to") or " up")
        return self._up_to(" up to")

    def _up_to(self, words: str) -> str:
        return "" if self.most is None else f"{words} {self.most:.16g}"


def complaint(name: str, error: Mapping[str, Any], wanted: Wanted = Wanted()) -> str:
    """Return one of Pydantic's errors as a sentence.

    Args:
        name: of the value, as who gave it calls it.
        error: an item of ``ValidationError.errors()``.
        wanted: what the value may be.
    """
    kind, value, context = error["type"], error.get("input"), error.get("ctx", {})
    match kind:
        case "value_error":
            return error["msg"].removeprefix("Value error, ")
        case "extra_forbidden":
            return f"{_shown(name)} is not known here: leave it out."
        case "missing":
            return f"{name} is missing: give it."
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            return f"{name} is {_shortened(str(value).strip())}; give a number{wanted.span}."
        case "too_short":
            return f"{name} has too few members; give at least {context['min_length']}."
        case "too_long":
            return f"{name} has too many members; give at most {context['max_length']}."
        case _:
            return f"{name} is {_shown(value)}; give {_remedy(error, wanted)}."


def _remedy(error: Mapping[str, Any], wanted: Wanted) -> str:
    """Return what to give instead of a value that is of another kind."""
    kind = error["type"]
    what = kind.partition("_")[0]
    if what in _KINDS:
        return _KINDS[what] + wanted.span
    if kind == "literal_error":
        return error["ctx"]["expected"]
    if kind == "string_pattern_mismatch" and wanted.example:
        return f"a name like {wanted.example}"
    if kind == "string_too_short":
        return "a text that is not empty"
    if kind == "string_too_long":
        return f"at most {error['ctx']['max_length']} characters"
    kinds = {"string": "a text", "list": "a list", "model": "a JSON object"}
    return kinds.get(what) or f"another value ({error['msg']})"


def _shown(value: Any) -> str:
    """Return a value as a sentence may repeat it."""
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return _shortened(repr(value))


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"
