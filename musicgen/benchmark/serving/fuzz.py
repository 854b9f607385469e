"""Schema-driven fuzzing of a server, by schemathesis."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from musicgen.benchmark.serving.stage import Server
from musicgen.errors import MusicgenError


def fuzz(server: Server, examples: int, path: Path) -> dict[str, Any]:
    """Send what the description allows and forbids; returns how many cases, and answers of 500.

    Args:
        server: whom to bother.
        examples: how many cases for each operation at the most.
        path: directory for the report.
    """
    report_path = path / "fuzz.ndjson"
    command = [
        Path(sys.executable).with_name("schemathesis"),
        "run",
        f"{server.url}/v1/openapi.json",
        "--checks=not_a_server_error",
        "--phases=fuzzing",
        f"--max-examples={examples}",
        "--continue-on-failure",
        "--no-shrink",
        "--suppress-health-check=all",
        "--exclude-path-regex=soundfont|wav|svg",  # slow by nature: they would be all there is
        f"--report-ndjson-path={report_path}",
    ]
    # It leaves a cache where it runs.
    done = subprocess.run(command, capture_output=True, text=True, cwd=path)
    if not report_path.exists():
        raise MusicgenError(f"Fuzzing did not start: {(done.stdout + done.stderr)[-500:]}")
    cases = bad = 0
    with report_path.open() as stream:
        for line in stream:
            statuses = _statuses(json.loads(line))
            cases += len(statuses)
            bad += statuses.count(500)
    return {"cases": cases, "answers_of_500": bad}


def _statuses(event: dict) -> list[int]:
    """Return the statuses of a scenario's answers; other events have none."""
    scenario = event.get("ScenarioFinished")
    found = scenario["recorder"]["interactions"].values() if scenario else ()
    return [each["response"]["status_code"] for each in found if each.get("response")]
