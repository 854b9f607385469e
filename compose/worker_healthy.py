"""The worker's health check: ``worker_healthy.py PID_FILE``.

It asks as ``airflow edge status`` does, without the seconds that Airflow takes to be imported.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

ANSWER = "airflow-edge-worker.out"
ANSWER_SECONDS = 5.0
POLL_SECONDS = 0.1


def main(pid_path: Path, home_path: Path) -> int:
    """Return 0 if the worker's loop answers within five seconds, 1 otherwise; print its state."""
    answer_path = home_path / ANSWER
    answer_path.unlink(missing_ok=True)
    try:
        os.kill(int(pid_path.read_text()), signal.SIGUSR2)
    except (OSError, ValueError) as error:
        print(f"{type(error).__name__}: {error}")
        return 1
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        try:
            print(json.loads(answer_path.read_text())["state"])
            return 0
        except (OSError, ValueError):  # not there yet, or half of it
            time.sleep(POLL_SECONDS)
    print("no answer")
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(os.environ["AIRFLOW_HOME"])))
