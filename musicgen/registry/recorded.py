"""What people asked the API for lately: kinds of request, kept so that a new model is asked them.

Parameters only: nothing that was uploaded, nor who asked.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from musicgen.errors import BadInput
from musicgen.generation.request import Request
from musicgen.registry import atomic

LOG = logging.getLogger(__name__)

KINDS = 20
"""So many kinds are kept, the latest; requests are of one kind if only seed and tempo differ."""


def recorded(uri: str) -> list[Request]:
    """Return the latest request of each kind, newest first; what cannot be read is left out."""
    found = atomic.read(uri)
    return _read(uri, found.data) if found else []


def record(uri: str, requests: Iterable[Request]) -> None:
    """Put requests, newest first, before those that were recorded; what is too many goes.

    Raises:
        Conflict: another server recorded at the same moment; nothing was written.
    """
    found = atomic.read(uri)
    known = _read(uri, found.data) if found else []
    latest: dict[tuple[Any, ...], Request] = {}
    for request in (*requests, *known):
        latest.setdefault(kind(request), request)
    documents = [asdict(request) for request in list(latest.values())[:KINDS]]
    atomic.replace(uri, json.dumps(documents, indent=1).encode() + b"\n", found)


def kind(request: Request) -> tuple[Any, ...]:
    """Return what sets a request apart from others, as far as a model's work goes."""
    r = request
    return r.composer, r.ensemble, r.bars, r.temperature, r.top_k, r.top_p


def _read(uri: str, data: bytes) -> list[Request]:
    try:
        return [Request(**fields) for fields in json.loads(data)]
    except (ValueError, TypeError, BadInput) as error:
        LOG.warning("%s is damaged (%s); it begins anew.", uri, error)
        return []
