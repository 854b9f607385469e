"""What a model of the API cannot use, in sentences."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from musicgen.complaints import Wanted, complaint

MADE = "spoken"
"""The type of an error whose message is a sentence already."""


def spoken(
    model: type[BaseModel] | None, errors: Iterable[Mapping[str, Any]], place: str = "body"
) -> list[dict[str, Any]]:
    """Return a model's validation errors with sentences for messages.

    Args:
        model: whose fields say what values may be; None where nobody knows.
        errors: as ``ValidationError.errors()`` lists them.
        place: what was validated, with which locations begin from here on.
    """
    return [
        {
            **error,
            "type": MADE,
            "loc": (place, *error["loc"]),
            "msg": complaint(_name(place, error["loc"]), error, _wanted(model, error["loc"])),
        }
        for error in errors
    ]


def _name(place: str, location: tuple[int | str, ...]) -> str:
    return "/".join(map(str, location)) or f"The {place}"


def _wanted(model: type[BaseModel] | None, location: tuple[int | str, ...]) -> Wanted:
    """Return what a model's declaration says of a value; nothing of what lies within one."""
    if model is None or len(location) != 1:
        return Wanted()
    field = model.model_fields.get(str(location[0]))
    return _declared(field) if field else Wanted()


def _declared(field: FieldInfo) -> Wanted:
    rules = {
        name: getattr(rule, name)
        for rule in field.metadata
        for name in ("ge", "gt", "le")
        if hasattr(rule, name)
    }
    example = (field.examples or [None])[0]
    return Wanted(rules.get("ge"), rules.get("gt"), rules.get("le"), example)
