"""Smoke test: does a published bundle play, in a process that knows nothing else?"""

import json
import subprocess
import sys
from typing import Any

from musicgen.errors import MusicgenError
from musicgen.settings import PROJECT_PATH
from musicgen.stages import how_it_ended

LIMIT_SECONDS = 300
DOES_NOT_PLAY = 3
"""Exit code; Python itself ends with 1 or 2 where a program fails."""


class SmokeFailed(MusicgenError):
    """A bundle did not play: a verdict on it, which another try would come to again."""


def smoke(
    bundle_uri: str, champion_uri: str | None = None, requests_uri: str | None = None
) -> dict[str, Any]:
    """Test a bundle in a fresh process; see ``smoke_child.examine`` for the rest.

    Raises:
        SmokeFailed: it did not play; the message says what happened.
        MusicgenError: the test came to no verdict, for want of memory or time, say.
    """
    arguments = [bundle_uri]
    arguments += ["--champion", champion_uri] if champion_uri else []
    arguments += ["--requests", requests_uri] if requests_uri else []
    try:
        done = subprocess.run(
            [sys.executable, "-m", "musicgen.registry.smoke_child", *arguments],
            cwd=PROJECT_PATH,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise _no_verdict(bundle_uri, f"was not done in {LIMIT_SECONDS} s") from None
    words = done.stderr.strip().rpartition("\n")[2]
    if done.returncode == DOES_NOT_PLAY:
        raise SmokeFailed(words)
    if done.returncode:
        end = how_it_ended(done.returncode)
        raise _no_verdict(bundle_uri, f"{end}. Its last words: {words or 'none'}")
    return json.loads(done.stdout.strip().rpartition("\n")[2])


def _no_verdict(bundle_uri: str, what: str) -> MusicgenError:
    return MusicgenError(
        f"The smoke test of {bundle_uri} {what}. This says nothing of the model: run it again."
    )
