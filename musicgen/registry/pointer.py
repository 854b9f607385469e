"""The champion pointer: one small document that says which version serves."""

import json
from dataclasses import asdict, dataclass, fields, replace

from musicgen.errors import BadInput
from musicgen.registry import atomic
from musicgen.registry.atomic import Conflict


@dataclass(frozen=True)
class Pointer:
    """What a channel names.

    Attributes:
        version: such as ``lstm-3``.
        family: ``lstm`` or ``gan``.
        bundle_uri: the immutable bundle of that version.
        run_id: MLflow run that trained it.
        score: its score in the evaluation that decided, 0 to 1.
        dataset_id: dataset that it was judged by.
        evaluation_uri: the evidence.
        previous: version that the pointer named before, None for the first.
        generation: how often the pointer has moved, counted from 1 without gaps.
    """

    version: str
    family: str
    bundle_uri: str
    run_id: str | None
    score: float
    dataset_id: str
    evaluation_uri: str
    previous: str | None = None
    generation: int = 0

    @classmethod
    def from_document(cls, document: dict) -> "Pointer":
        """Read a document, leaving out fields that a later writer may have added."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in document.items() if name in known})

    def document(self) -> dict:
        """Return the JSON document."""
        return asdict(self)


def read_pointer(uri: str) -> Pointer | None:
    """Return what a channel names, None if it was never set.

    Raises:
        BadInput: the document is damaged.
    """
    found = atomic.read(uri)
    return None if found is None else _parsed(uri, found.data)


def swap_pointer(uri: str, pointer: Pointer, expected_generation: int) -> Pointer:
    """Move a channel if nobody moved it since; returns the pointer with its new generation.

    Args:
        uri: the channel.
        pointer: what it shall name; ``generation`` is set here.
        expected_generation: the generation that was read, 0 if there was none.

    Raises:
        Conflict: the channel is at another generation.
    """
    found = atomic.read(uri)
    generation = _parsed(uri, found.data).generation if found else 0
    if generation != expected_generation:
        raise Conflict(f"{uri} is at generation {generation}, not {expected_generation}.")
    moved = replace(pointer, generation=generation + 1)
    text = json.dumps(moved.document(), indent=1, sort_keys=True, allow_nan=False)
    atomic.replace(uri, text.encode() + b"\n", found)
    return moved


def _parsed(uri: str, data: bytes) -> Pointer:
    try:
        return Pointer.from_document(json.loads(data))
    except (ValueError, TypeError, AttributeError) as error:
        raise BadInput(
            f"{uri} is damaged ({error}); restore it from the ledger beside it."
        ) from None
