"""Stages as fresh processes: how Airflow and ``musicgen pipeline`` both run them.

A process of its own gives TensorFlow and Spark a clean start, and their memory back at the end.
"""

import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from musicgen.errors import BadInput, MusicgenError

STOP_SECONDS = 3.0
POLL_SECONDS = 0.2
BAD_INPUT_EXIT_CODE = 2
PR_SET_PDEATHSIG = 1
CLI_PREFIX = "musicgen: "
ANSWER = "MUSICGEN_ANSWER"
"""Environment variable: what a person said to this stage's work, such as ``approved by admin``."""


class StageFailed(MusicgenError):
    """A stage ended in failure.

    Attributes:
        exit_code: of the process; negative for the signal that ended it.
        message: the last line that it wrote on standard error.
        result: the JSON object that it printed all the same (a verdict, say), else None; None of
            what a signal ended, for that is no verdict.
    """

    def __init__(self, exit_code: int, message: str, result: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.message = message
        self.result = result


class StageProcess:
    """One run of a stage's command, in a session of its own so that it can be stopped whole.

    On Linux the process also dies with the one that started it, however that one ends.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], on_line: Callable[[str], None]
    ) -> None:
        self.command = list(command)
        self.environment = dict(environment)
        self.on_line = on_line
        self._process: subprocess.Popen | None = None
        self._last = {"stdout": "", "stderr": ""}

    def run(self) -> dict[str, Any]:
        """Run to the end, passing on each line of output, and return the last one's JSON object.

        Raises:
            BadInput: the stage could not use its arguments (exit code 2).
            StageFailed: it ended in any other failure, or printed no JSON object.
        """
        self._process = process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        try:
            self._pass_on_output(process)
        finally:
            self.stop()
        return self._outcome(process.returncode)

    def stop(self, grace_seconds: float = STOP_SECONDS) -> None:
        """End the stage and all that it started; nothing happens if it has ended.

        May be called from a signal handler while ``run`` waits, so no wait here is without limit.
        """
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            _signal_group(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(grace_seconds)
        _signal_group(process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            process.wait(grace_seconds)

    def _pass_on_output(self, process: subprocess.Popen) -> None:
        pending = {"stdout": b"", "stderr": b""}
        with selectors.DefaultSelector() as selector, process.stdout, process.stderr:
            for name in pending:
                selector.register(getattr(process, name), selectors.EVENT_READ, name)
            while True:
                # A grandchild may hold the pipes open: once the stage ended, take what is there.
                ended = process.poll() is not None
                ready = selector.select(0 if ended else POLL_SECONDS)
                if ended and not ready:
                    break
                for key, _ in ready:
                    data = os.read(key.fd, 2**16)
                    if not data:
                        selector.unregister(key.fileobj)
                    *lines, pending[key.data] = (pending[key.data] + data).split(b"\n")
                    self._take(key.data, lines)
        for name, rest in pending.items():
            self._take(name, [rest])

    def _take(self, name: str, lines: list[bytes]) -> None:
        """Pass lines on, but hold the newest of standard output back: it may be the result."""
        for raw in lines:
            line = raw.decode(errors="replace").rstrip()
            if not line:
                continue
            if name == "stdout":
                line, self._last[name] = self._last[name], line
            else:
                self._last[name] = line
            if line:
                self.on_line(line)

    def _outcome(self, exit_code: int) -> dict[str, Any]:
        result = _json_object(self._last["stdout"])
        if exit_code == 0 and result is not None:
            return result
        if self._last["stdout"] and result is None:
            self.on_line(self._last["stdout"])
        message = self._last["stderr"].removeprefix(CLI_PREFIX) or "It said nothing."
        if exit_code == BAD_INPUT_EXIT_CODE:
            raise BadInput(message)
        if exit_code == 0:
            message = "The stage ended without printing its result as a JSON object."
        elif exit_code < 0:
            message = f"The stage {how_it_ended(exit_code)}. Its last words: {message}"
            result = None
        raise StageFailed(exit_code, message, result)


def stage_process(
    arguments: Sequence[str],
    env: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
) -> StageProcess:
    """Prepare what ``run_stage`` runs, for callers who want to be able to stop it."""
    command = [sys.executable, "-m", "musicgen", *arguments, "--json"]
    return StageProcess(command, {**os.environ, **(env or {})}, on_line or _to_standard_error)


def run_stage(
    arguments: Sequence[str],
    env: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Run ``musicgen ARGUMENTS… --json`` in a fresh process and return the object that it prints.

    Args:
        arguments: sub-command and its arguments, without ``--json``.
        env: added to this process's environment.
        on_line: is given each line of output as it comes; standard error by default.

    Raises:
        BadInput: the stage could not use its arguments (exit code 2).
        StageFailed: it ended in any other failure.
    """
    return stage_process(arguments, env, on_line).run()


def how_it_ended(exit_code: int) -> str:
    """Say how a process ended that failed, as the rest of a sentence."""
    if exit_code > 0:
        return f"ended with {exit_code}"
    name = signal.Signals(-exit_code).name
    return f"was ended by {name}" + (", perhaps for want of memory" if name == "SIGKILL" else "")


def _to_standard_error(line: str) -> None:
    """Pass on all but the stage's complaint, which comes as the exception too."""
    if not line.startswith(CLI_PREFIX):
        print(line, file=sys.stderr, flush=True)


def _json_object(line: str) -> dict[str, Any] | None:
    with suppress(ValueError):
        document = json.loads(line)
        if isinstance(document, dict):
            return document
    return None


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _die_with_parent() -> None:
    """Ask Linux to kill this process when its parent dies; other systems go without."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
