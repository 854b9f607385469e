"""Sealed tokens: what this server said to itself, and nobody else can read or make."""

import base64
import hashlib
import json
from typing import Any

from airflow.configuration import conf


def seal(purpose: str, document: dict[str, Any]) -> str:
    """Return a token that is safe in a URL."""
    return _fernet(purpose).encrypt(json.dumps(document).encode()).decode()


def unseal(purpose: str, token: str, seconds: int) -> dict[str, Any]:
    """Return what a token holds.

    Raises:
        ValueError: it was not made here for this purpose, or is older than that.
    """
    from cryptography.fernet import InvalidToken

    try:
        return json.loads(_fernet(purpose).decrypt(token.encode(), ttl=seconds))
    except InvalidToken:
        raise ValueError("no token of this server, or too old") from None


def _fernet(purpose: str) -> Any:
    from cryptography.fernet import Fernet

    secret = conf.get_mandatory_value("api", "secret_key")
    key = hashlib.sha256(f"musicgen {purpose} {secret}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
