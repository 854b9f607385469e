import sys

import pytest

from musicgen.demo.services import Service
from musicgen.demo.start import is_healthy, start_all
from musicgen.errors import MusicgenError


@pytest.mark.slow
def test_services_are_started_once_and_reused(processes, web_service):
    said: list[str] = []
    start_all([web_service], processes, said.append)
    pid = processes.find("web").pid
    assert is_healthy(web_service)
    start_all([web_service], processes, said.append)
    assert processes.find("web").pid == pid
    assert any("1 of 1 services are running already" in line for line in said)


@pytest.mark.slow
def test_a_service_that_ends_is_named_with_its_log_and_takes_the_others_with_it(
    processes, web_service
):
    broken = Service(
        "broken",
        (sys.executable, "-c", "import sys; print('no such disk'); sys.exit(3)"),
        "http://127.0.0.1:1/",
    )
    with pytest.raises(MusicgenError, match=r"broken ended at once.*broken\.log.*no such disk"):
        start_all([web_service, broken], processes, lambda line: None)
    assert processes.find("web") is None


@pytest.mark.slow
def test_a_proxy_does_not_stand_between(processes, web_service, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    start_all([web_service], processes, lambda line: None)
    assert is_healthy(web_service)


def test_nothing_there_is_not_healthy(web_service):
    assert not is_healthy(web_service)
