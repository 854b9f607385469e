"""Names of pieces: a version and all parameters, so that no piece need be kept to be had again."""

import base64
import binascii
import json
from dataclasses import astuple, dataclass

from musicgen.errors import BadInput
from musicgen.generation.request import Request


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
        values = json.dumps([self.version, *astuple(self.request)], separators=(",", ":"))
        return base64.urlsafe_b64encode(values.encode()).rstrip(b"=").decode()

    @classmethod
    def parse(cls, text: str) -> "PieceId":
        """Read an id.

        Raises:
            BadInput: it names no piece.
        """
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            version, *values = json.loads(base64.b64decode(padded, b"-_", validate=True))
            piece_id = cls(version, Request(*values))
        except (binascii.Error, ValueError, TypeError, RecursionError, BadInput):
            raise BadInput("The id names no piece.") from None
        if not isinstance(version, str) or str(piece_id) != text:
            raise BadInput("The id names no piece.")
        return piece_id
