"""Sudden death of a process, at any line that a test likes."""

import os
import sys
from pathlib import Path

from musicgen import storage

PACKAGE = str(Path(storage.__file__).parent)


def run_and_die_at_line(number, action):
    """Fork, run the action there and kill the fork at its n-th line of this project or of ``os``.

    Returns whether the action came to its end.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    lines = 0
    package = str(Path(storage.__file__).parent)

    def trace(frame, event, _):
        nonlocal lines
        if not frame.f_code.co_filename.startswith((package, os.__file__)):
            return None
        if event == "line":
            lines += 1
            if lines == number:
                os._exit(9)
        return trace

    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(None)
    os._exit(0)
