"""A stage on a machine far away: ``python -m musicgen.remote OUTCOME_URI [NAME=VALUE …] STAGE …``.

What a process would tell its parent by exit code and pipes is left in the bucket instead, as a JSON
object: ``exit_code``, ``message``, ``result``. It is there only once the stage has ended by itself;
a machine that was taken away leaves nothing.
"""

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from musicgen import storage
from musicgen.errors import BadInput
from musicgen.stages import BAD_INPUT_EXIT_CODE, StageFailed, run_stage

_ASSIGNMENT = re.compile(r"[A-Z][A-Z0-9_]*=")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stage, leave its outcome, and return its exit code."""
    outcome_uri, *rest = sys.argv[1:] if arguments is None else arguments
    environment: dict[str, str] = {}
    while rest and _ASSIGNMENT.match(rest[0]):
        name, _, environment[name] = rest.pop(0).partition("=")
    outcome = _outcome(rest, environment)
    if is_first_replica({**os.environ, **environment}):
        storage.write_json(outcome_uri, outcome)
    return outcome["exit_code"]


def result_of(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result in an outcome as ``run_stage`` would.

    Raises:
        BadInput: the stage could not use its arguments.
        StageFailed: it ended in any other failure.
    """
    if outcome["exit_code"] == 0:
        return outcome["result"]
    if outcome["exit_code"] == BAD_INPUT_EXIT_CODE:
        raise BadInput(outcome["message"])
    raise StageFailed(outcome["exit_code"], outcome["message"], outcome["result"])


def is_first_replica(environment: Mapping[str, str]) -> bool:
    """Whether this is the one of several machines that speaks for all; see ``TF_CONFIG``."""
    config = json.loads(environment.get("TF_CONFIG") or "{}")
    task = config.get("task", {"type": "chief"})
    chief = "chief" if "chief" in config.get("cluster", {"chief": []}) else "worker"
    return task.get("type") == chief and int(task.get("index", 0)) == 0


def _outcome(arguments: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    try:
        return {"exit_code": 0, "message": "", "result": run_stage(arguments, environment)}
    except BadInput as error:
        return {"exit_code": BAD_INPUT_EXIT_CODE, "message": str(error), "result": None}
    except StageFailed as error:
        # A job can only fail by a positive code.
        code = error.exit_code if error.exit_code > 0 else 1
        return {"exit_code": code, "message": error.message, "result": error.result}


if __name__ == "__main__":
    sys.exit(main())
