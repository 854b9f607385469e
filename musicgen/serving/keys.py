"""API keys: who may ask. A file holds their hashes, never the keys."""

import hashlib
import json
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from musicgen.errors import BadInput
from musicgen.registry.atomic import locked
from musicgen.settings import settings

PREFIX = "mg_"


class Keys:
    """The keys of one server; until the first is made, nobody needs one.

    A key is 256 bits of chance, so one round of SHA-256 is as good a hash as any: nobody can try
    them out. The file is read again when it changes, so that a revoked key ends at once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._entries: dict[str, dict[str, str]] = {}

    def add(self, name: str) -> str:
        """Make a key for somebody and return it; it cannot be had again.

        Raises:
            BadInput: the name is empty, or has a key already.
        """
        if not name.strip() or len(name) > 100:
            raise BadInput("A key belongs to somebody: give a name of at most 100 letters.")
        key = PREFIX + secrets.token_urlsafe(32)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        with locked(self._path):
            entries = self._read()
            if any(entry["name"] == name for entry in entries.values()):
                raise BadInput(
                    f"{name!r} has a key already: revoke it first, or choose another name."
                )
            self._write({**entries, _digest(key): {"name": name, "created": created}})
        return key

    def listed(self) -> list[dict[str, str]]:
        """Return each key's ``name`` and when it was ``created``."""
        return list(self._read().values())

    def revoke(self, name: str) -> None:
        """Forget somebody's key; after the last one the server is closed, not open to all.

        Raises:
            BadInput: they have none.
        """
        with locked(self._path):
            entries = self._read()
            left = {digest: entry for digest, entry in entries.items() if entry["name"] != name}
            if len(left) == len(entries):
                raise BadInput(f"{name!r} has no key; `musicgen keys list` shows who has one.")
            self._write(left)

    def needed(self) -> bool:
        """Return whether any was ever made."""
        self._read()
        return self._seen is not None

    def owner(self, key: str) -> str | None:
        """Return whose key it is. Compares hashes, whose bytes tell a guesser nothing."""
        entry = self._read().get(_digest(key))
        return entry["name"] if entry else None

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._seen, self._entries = None, {}
            return {}
        if self._seen != (status.st_mtime_ns, status.st_ino):
            try:
                self._entries = json.loads(self._path.read_bytes())["keys"]
            except (ValueError, KeyError, TypeError):
                raise BadInput(
                    f"{self._path} is damaged: remove it and add the keys anew."
                ) from None
            self._seen = (status.st_mtime_ns, status.st_ino)
        return self._entries

    def _write(self, entries: dict[str, dict[str, str]]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        side = self._path.with_suffix(f".{os.getpid()}")
        side.touch(mode=0o600)
        side.write_text(json.dumps({"keys": entries}, indent=1))
        side.replace(self._path)


def keys_path() -> Path:
    """Return where this machine keeps its keys."""
    return settings().home_path / "serving" / "keys.json"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
