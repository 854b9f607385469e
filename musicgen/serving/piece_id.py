"""Names of pieces: a version and all parameters, so that no piece need be kept to be had again."""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from functools import cached_property

from musicgen.errors import BadInput
from musicgen.generation.request import Request

VERSION = re.compile(r"(lstm|gan)-[1-9][0-9]{0,8}")
"""How versions are called."""


@dataclass(frozen=True)
class PieceId:
    """A piece by what makes it.

    Attributes:
        version: model version, such as ``lstm-3``; versions are immutable.
        request: what the model is asked.
    """

    version: str
    request: Request

    def __str__(self) -> str:
        """Return the id as text that is safe in URLs and file names."""
        return self._text

    @cached_property
    def _text(self) -> str:
        *values, prompt = vars(self.request).values()
        document = json.dumps([self.version, *values], separators=(",", ":"))
        text = base64.urlsafe_b64encode(document.encode()).rstrip(b"=").decode()
        return f"{text}~{prompt}" if prompt else text

    @classmethod
    def parse(cls, text: str) -> "PieceId":
        """Read an id.

        Raises:
            BadInput: it names no piece.
        """
        try:
            head, _, prompt = text.partition("~")
            padded = head.encode("ascii") + b"=" * (-len(head) % 4)
            version, *values = json.loads(base64.b64decode(padded, b"-_", validate=True))
            is_version = VERSION.fullmatch(version)
            piece_id = cls(version, Request(*values, prompt=prompt or None))
        except (binascii.Error, ValueError, TypeError, RecursionError, BadInput):
            raise BadInput("The id names no piece.") from None
        if not is_version or str(piece_id) != text:
            raise BadInput("The id names no piece.")
        return piece_id
