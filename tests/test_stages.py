import os
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from musicgen.errors import BadInput
from musicgen.stages import StageFailed, StageProcess, run_stage


def stage(code: str, lines: list[str] | None = None) -> StageProcess:
    on_line = (lines if lines is not None else []).append
    return StageProcess([sys.executable, "-c", code], dict(os.environ), on_line)


def wait_until(condition, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_last_line_is_the_result_and_all_others_are_passed_on():
    lines: list[str] = []
    code = """
import sys
print("hello"); print("one", file=sys.stderr); sys.stdout.flush()
print('{"a": [1, 2]}')
"""
    assert stage(code, lines).run() == {"a": [1, 2]}
    assert sorted(lines) == ["hello", "one"]


def test_a_complaint_is_not_said_twice(capfd):
    with pytest.raises(BadInput, match="There is no corpus 'nonsense'"):
        run_stage(["ingest", "nonsense"])
    assert "There is no corpus" not in capfd.readouterr().err


def test_lines_arrive_while_the_stage_runs(tmp_path):
    path = tmp_path / "read"
    code = f"""
import pathlib, time
print("x", flush=True); print("y", flush=True)
for _ in range(3000):
    if pathlib.Path({str(path)!r}).exists():
        print("{{}}")
        break
    time.sleep(0.01)
"""
    process = StageProcess(
        [sys.executable, "-c", code], dict(os.environ), lambda line: path.touch()
    )
    assert process.run() == {}


def test_exit_code_two_is_bad_input():
    code = "import sys; print('musicgen: Take another corpus.', file=sys.stderr); sys.exit(2)"
    with pytest.raises(BadInput, match=r"^Take another corpus\.$"):
        stage(code).run()


def test_a_failure_carries_its_last_words_and_its_result():
    code = """
import sys
print("first\\nlast", file=sys.stderr)
print('{"success": false}')
sys.exit(1)
"""
    with pytest.raises(StageFailed, match=r"^last$") as caught:
        stage(code).run()
    assert (caught.value.exit_code, caught.value.result) == (1, {"success": False})


def test_success_without_a_result_is_a_failure():
    lines: list[str] = []
    with pytest.raises(StageFailed, match="without printing its result"):
        stage("print('not json')", lines).run()
    assert lines == ["not json"]


def test_death_by_signal_is_named_and_is_no_verdict():
    code = """
import os
print('{"run_id": "x"}', flush=True)
os.kill(os.getpid(), 9)
"""
    with pytest.raises(StageFailed, match=r"SIGKILL, perhaps for want of memory") as caught:
        stage(code).run()
    assert caught.value.result is None


def test_output_without_end_of_line_and_bytes_that_are_no_text():
    lines: list[str] = []
    code = "import sys; sys.stderr.buffer.write(b'\\xff\\n'); sys.stdout.write('{}')"
    assert stage(code, lines).run() == {}
    assert lines == ["\N{REPLACEMENT CHARACTER}"]


def test_stop_ends_the_stage_and_its_children(tmp_path):
    pid_path = tmp_path / "pid"
    code = f"""
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({str(pid_path)!r}, "w").write(str(child.pid))
time.sleep(60)
"""
    process = stage(code)
    failures: list[StageFailed] = []

    def run():
        try:
            process.run()
        except StageFailed as failure:
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(lambda: pid_path.exists() and pid_path.read_text())
    process.stop(grace_seconds=0.3)
    thread.join(10)
    assert failures[0].exit_code == -signal.SIGKILL
    wait_until(lambda: ended(int(pid_path.read_text())))


def test_a_grandchild_that_keeps_the_pipes_open_does_not_delay_the_end():
    code = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(8)"], start_new_session=True)
print('{"done": 1}')
"""
    start = time.monotonic()
    assert stage(code).run() == {"done": 1}
    assert time.monotonic() - start < 6


def test_the_stage_dies_with_a_parent_that_is_killed(tmp_path):
    pid_path = tmp_path / "pid"
    child = f"import os, time; open({str(pid_path)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    parent = f"""
import os, sys
from musicgen.stages import StageProcess
StageProcess([sys.executable, "-c", {child!r}], dict(os.environ), print).run()
"""
    process = subprocess.Popen([sys.executable, "-c", parent], cwd=os.getcwd())
    wait_until(lambda: pid_path.exists() and pid_path.read_text())
    process.kill()
    process.wait()
    wait_until(lambda: ended(int(pid_path.read_text())))
