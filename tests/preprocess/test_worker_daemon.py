import socket

import pytest
from pyspark import daemon

from musicgen.preprocess import worker_daemon


@pytest.fixture
def hung_up(monkeypatch):
    """A socket whose other end has asked for a task and does not wait for what comes of it."""
    # As Spark tells its workers by default.
    monkeypatch.setenv("PYTHON_DAEMON_KILL_WORKER_ON_FLUSH_FAILURE", "1")
    monkeypatch.setattr(daemon.signal, "signal", lambda *_: None)
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours:
        yield ours


def test_worker_that_nobody_listens_to_ends_quietly(hung_up, capfd):
    assert worker_daemon.worker(hung_up, authenticated=True) == 1
    assert capfd.readouterr() == ("", "")


def test_pysparks_own_worker_would_not(hung_up):
    with pytest.raises(BrokenPipeError):
        daemon.worker(hung_up, authenticated=True)
