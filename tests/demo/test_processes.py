import dataclasses
import json
import os
import sys
import time

import psutil
import pytest

from musicgen.demo.services import Service


def python(code, name="one"):
    return Service(name, (sys.executable, "-c", code), "http://127.0.0.1:1/")


def wait_for(path):
    deadline = time.monotonic() + 10
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return path.read_text()


def test_stop_ends_the_service_and_its_children_even_in_other_sessions(processes, tmp_path):
    pid_path = tmp_path / "child"
    child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    code = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {child!r}], start_new_session=True)
open({str(pid_path)!r}, "w").write(str(child.pid))
time.sleep(60)
"""
    processes.start(python(code))
    child_pid = int(wait_for(pid_path))
    assert processes.find("one") is not None
    assert processes.stop("one", patience_seconds=1)
    assert processes.find("one") is None
    assert not psutil.pid_exists(child_pid) or (
        psutil.Process(child_pid).status() == psutil.STATUS_ZOMBIE
    )
    assert processes.names() == []


@pytest.mark.parametrize("collected", [True, False], ids=["collected", "zombie"])
def test_stop_ends_what_a_killed_service_left_behind(processes, tmp_path, collected):
    pid_path = tmp_path / "child"
    code = f"""
import os, time
if os.fork() == 0:
    open({str(pid_path)!r}, "w").write(str(os.getpid()))
time.sleep(60)
"""
    processes.start(python(code))
    orphan = psutil.Process(int(wait_for(pid_path)))
    leader = processes.find("one")
    leader.kill()
    if collected:
        leader.wait()
    while processes.find("one") is not None:
        time.sleep(0.01)
    assert orphan.is_running()
    assert not processes.stop("one", patience_seconds=1)
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


def test_a_process_that_only_has_the_same_pid_is_left_alone(processes, tmp_path):
    processes.start(python("import time; time.sleep(60)"))
    path = tmp_path / "run" / "one.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {"birth": record["birth"] + "0"}))
    assert processes.find("one") is None
    assert not processes.stop("one")
    stranger = psutil.Process(record["pid"])
    assert stranger.is_running()
    stranger.kill()
    stranger.wait()


def test_what_has_ended_is_not_found(processes):
    processes.start(python("pass"))
    deadline = time.monotonic() + 10
    while processes.find("one") is not None:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_damaged_pid_file_tells_nothing(processes, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "one.json").write_text("{")
    assert processes.find("one") is None
    assert not processes.stop("one")


def test_output_goes_to_the_log(processes, tmp_path):
    processes.start(python("print('hello', flush=True); import time; time.sleep(60)"))
    assert wait_for(processes.log_path("one")) == "hello\n"


def test_a_service_with_another_definition_is_not_current(processes):
    service = python("import time; time.sleep(60)")
    processes.start(service)
    assert processes.is_current(service)
    assert not processes.is_current(dataclasses.replace(service, environment={"A": "1"}))


def test_a_setting_that_was_changed_since_is_not_current_and_no_key_is_written_down(
    processes, tmp_path, monkeypatch
):
    service = dataclasses.replace(
        python("import time; time.sleep(60)"), environment={"MUSICGEN_BUCKET": "file:///b"}
    )
    monkeypatch.setenv("MUSICGEN_API_KEY", "a key")
    processes.start(service)
    assert "a key" not in (tmp_path / "run" / "one.json").read_text()
    monkeypatch.setenv("MUSICGEN_BUCKET", "gs://what-the-service-is-not-told")
    monkeypatch.setenv("LANG", "whatever")
    assert processes.is_current(service)
    monkeypatch.setenv("MUSICGEN_API_KEY", "another key")
    assert not processes.is_current(service)


def test_settings_of_another_airflow_are_not_passed_on(processes, monkeypatch):
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://production")
    monkeypatch.setenv("MUSICGEN_X", "kept")
    code = "import os; print(*sorted(os.environ), flush=True); import time; time.sleep(60)"
    processes.start(python(code))
    names = wait_for(processes.log_path("one")).split()
    assert "MUSICGEN_X" in names
    assert "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" not in names


def test_names_are_newest_first(processes, tmp_path):
    for seconds, name in enumerate(("a", "b", "c")):
        processes.start(python("import time; time.sleep(60)", name))
        os.utime(tmp_path / "run" / f"{name}.json", (seconds, seconds))
    assert processes.names() == ["c", "b", "a"]
