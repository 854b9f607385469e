import os
import subprocess
import sys

import airflow_environment  # noqa: F401 - Airflow reads its environment when it is imported
import pytest
import worker_healthy

ANSWERS = """
import pathlib, signal, sys
def answer(*_):
    pathlib.Path(sys.argv[1], "airflow-edge-worker.out").write_text('{"state": "idle"}')
signal.signal(signal.SIGUSR2, answer)
print("ready", flush=True)
while True:
    signal.pause()
"""
SAYS_NOTHING = ANSWERS.replace("SIGUSR2, answer", "SIGUSR2, lambda *_: None")


@pytest.fixture
def worker(tmp_path):
    started = []

    def start(program):
        command = [sys.executable, "-c", program, str(tmp_path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        started.append(process)
        process.stdout.readline()
        (tmp_path / "pid").write_text(str(process.pid))
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_worker_that_answers_is_well(worker, tmp_path, capsys):
    worker(ANSWERS)
    assert worker_healthy.main(tmp_path / "pid", tmp_path) == 0
    assert capsys.readouterr().out == "idle\n"


def test_an_old_answer_is_none(worker, tmp_path, monkeypatch, capsys):
    worker(SAYS_NOTHING)
    (tmp_path / worker_healthy.ANSWER).write_text('{"state": "idle"}')
    monkeypatch.setattr(worker_healthy, "ANSWER_SECONDS", 0.3)
    assert worker_healthy.main(tmp_path / "pid", tmp_path) == 1
    assert capsys.readouterr().out == "no answer\n"


def test_a_worker_that_is_gone_or_never_was_is_not_well(worker, tmp_path):
    assert worker_healthy.main(tmp_path / "pid", tmp_path) == 1
    gone = worker(ANSWERS)
    gone.kill()
    gone.wait()
    with pytest.raises(ProcessLookupError):
        os.kill(gone.pid, 0)
    assert worker_healthy.main(tmp_path / "pid", tmp_path) == 1


def test_the_answer_is_where_airflow_leaves_it(monkeypatch):
    from airflow import settings
    from airflow.providers.edge3.cli import signalling

    monkeypatch.setattr(settings, "AIRFLOW_HOME", "/home")
    assert signalling.status_file_path(None) == f"/home/{worker_healthy.ANSWER}"
    assert signalling.SIG_STATUS.name == "SIGUSR2"
