"""Cases drawn from the API's description, and the requests that each is sent as."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
import schemathesis
from hypothesis.strategies import SearchStrategy
from schemathesis import Case
from schemathesis.generation import GenerationMode

SLOW = "soundfont|wav|svg"
"""Paths and forms that are slow by nature: they would be all there is time for."""

SHORT = {"bars": 4, "seconds": 8, "context_bars": 4}
"""What counts as long: a long piece goes the way of a short one, only farther."""

_SENT = ("method", "url", "headers", "params", "data", "json", "files", "cookies")


@dataclass(frozen=True)
class Source:
    """One operation's cases: those that its description allows, or those that it forbids.

    Attributes:
        name: of the operation, and which of the two.
        cases: to draw from.
        forms: media types that the operation answers in.
    """

    name: str
    cases: SearchStrategy[Case]
    forms: tuple[str, ...]


def sources(description: dict[str, Any], piece_ids: list[str], names: list[str]) -> list[Source]:
    """Return where cases come from.

    Args:
        description: of the API, as OpenAPI has it; it is changed.
        piece_ids: some that are answered with music: nobody draws one by chance.
        names: composers and ensembles that the model knows.
    """
    _narrow(description, {"enum": piece_ids}, {"enum": names})
    schema = schemathesis.openapi.from_dict(description).exclude(path_regex=SLOW)
    found = []
    for operation in (each.ok() for each in schema.get_all_operations()):
        responses = description["paths"][operation.path][operation.method]["responses"]
        forms = tuple(responses["200"].get("content", ()))
        for mode in GenerationMode:
            name = f"{operation.method} {operation.path} {mode.value}"
            found.append(Source(name, operation.as_strategy(generation_mode=mode), forms))
    return found


def requests_of(case: Case, forms: tuple[str, ...], midi: bytes) -> Iterator[requests.Request]:
    """Yield a case as it was drawn, then once for each form that it may be answered in.

    Args:
        case: what was drawn.
        forms: as of its source.
        midi: what to send besides, where the case sends a MIDI file; what is drawn is none.
    """
    sent = case.as_transport_kwargs(base_url="http://here")
    drawn = requests.Request(**{name: sent[name] for name in _SENT if name in sent})
    yield drawn
    if len(forms) > 1 and case.media_type == "audio/midi":
        drawn.data = midi
    for form in forms if len(forms) > 1 else ():
        if not form.endswith(("/wav", "/svg+xml")):
            drawn.headers["Accept"] = form
            yield drawn


def _narrow(description: dict[str, Any], piece_id: dict[str, Any], name: dict[str, Any]) -> None:
    """Let what is allowed be what the server can make, and soon."""
    for operations in description["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                _narrow_one(parameter["name"], parameter["schema"], name)
                if parameter["name"] == "piece_id":
                    parameter["schema"] = piece_id
    schemas = description["components"]["schemas"]
    for body in schemas.values():
        for field, schema in body.get("properties", {}).items():
            _narrow_one(field, schema, name)
    schemas["VoteBody"]["properties"]["pieces"]["items"] = piece_id
    schemas["VoteBody"]["properties"]["best"]["anyOf"][0] = piece_id


def _narrow_one(field: str, schema: dict[str, Any], name: dict[str, Any]) -> None:
    if field in SHORT:
        schema.get("anyOf", [schema])[0]["maximum"] = SHORT[field]
    if field in ("composer", "ensemble"):
        schema.update(name)
