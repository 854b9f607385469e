"""A container's health check: ``healthy.py URL [COMPONENT]``; the image has no curl.

The URL has to answer; where it tells of several components of Airflow, the one must be healthy.
"""

import json
import sys
import urllib.request

TIMEOUT_SECONDS = 8


def main(url: str, component: str | None = None) -> int:
    """Return 0 for healthy, 1 otherwise, with a line that says why."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:
            told = answer.read()
        state = json.loads(told)[component]["status"] if component else "healthy"
    except (OSError, ValueError, KeyError) as error:
        state = f"{type(error).__name__}: {error}"
    print(state)
    return 0 if state == "healthy" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
