"""Which version serves now."""

from dataclasses import replace

from musicgen.errors import BadInput
from musicgen.registry import layout
from musicgen.registry.pointer import Pointer, read_pointer


def champion(bucket_uri: str, family: str | None = None) -> Pointer:
    """Return the champion of a family, or the overall one that the API serves by default.

    ``bundle_uri`` is given below ``bucket_uri``, so a bucket that was copied or is mounted
    elsewhere still serves.

    Raises:
        BadInput: nothing was promoted yet.
    """
    pointer = read_pointer(layout.channel_uri(bucket_uri, family))
    if pointer is None:
        name = layout.model_name(family)
        remedy = "run `make demo` or `musicgen pipeline`"
        raise BadInput(f"{name} in {bucket_uri} has no champion yet: {remedy}.")
    return replace(pointer, bundle_uri=layout.version_uri(bucket_uri, pointer.version))
