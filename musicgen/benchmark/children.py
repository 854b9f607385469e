"""Measuring in a process of its own, which starts clean and gives its memory back."""

import json
import subprocess
from typing import Any

from musicgen.errors import MusicgenError


def measured(command: list[str]) -> dict[str, Any]:
    """Return the JSON line that a command prints last.

    Raises:
        MusicgenError: the command failed.
    """
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise MusicgenError(f"{command[0]} cannot be run ({error.strerror}).") from None
    if done.returncode:
        cause = done.stderr.strip().rpartition("\n")[2][:300]
        raise MusicgenError(f"Measuring failed in {command[0]} {command[1]} {command[2]}: {cause}")
    return json.loads(done.stdout.splitlines()[-1])
