"""Which code reads corpora, so that what older code read is not taken for what this one would."""

import hashlib
from pathlib import Path

from musicgen import music


def code_digests() -> list[str]:
    """Return the SHA-256 of each module that has a say in what snapshots hold."""
    packages = (Path(__file__).parent, Path(music.__file__).parent)
    modules = [path for package in packages for path in sorted(package.glob("*.py"))]
    return [hashlib.sha256(module.read_bytes()).hexdigest() for module in modules]
