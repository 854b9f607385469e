import pytest

from musicgen.demo.services import HOST, Addresses, Ports, inherited_environment, services
from musicgen.errors import BadInput
from musicgen.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings.from_environment({"MUSICGEN_HOME": str(tmp_path)})


def test_ports_can_be_moved_by_the_environment():
    assert Ports.from_environment({"AIRFLOW_PORT": "9000", "API_PORT": ""}) == Ports(airflow=9000)


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1", "8080.0"])
def test_what_is_no_port_is_named(text):
    with pytest.raises(BadInput, match="MLFLOW_PORT"):
        Ports.from_environment({"MLFLOW_PORT": text})


def test_two_services_cannot_have_one_port():
    with pytest.raises(BadInput, match="its own"):
        Ports.from_environment({"MLFLOW_PORT": "8080"})


def test_what_listens_does_so_on_the_loopback_only(settings):
    for service in services(settings, Ports()):
        assert service.health_url.startswith(f"http://{HOST}:")
        assert "0.0.0.0" not in service.command


def test_every_port_can_be_moved_by_the_variable_that_is_named(settings):
    for service in services(settings, Ports()):
        if service.port is not None:
            moved = Ports.from_environment({service.port_variable: "9999"})
            names = {each.name: each for each in services(settings, moved)}
            assert names[service.name].port == 9999


def test_stages_log_to_the_server_and_airflow_keeps_to_our_directory(settings, tmp_path):
    scheduler = next(
        each for each in services(settings, Ports(mlflow=5001)) if each.name == "airflow-scheduler"
    )
    assert scheduler.environment["MUSICGEN_TRACKING_URI"] == "http://127.0.0.1:5001"
    assert scheduler.environment["AIRFLOW_HOME"] == str(tmp_path / "airflow")


@pytest.mark.parametrize("given", [{}, {"NO_PROXY": "corp.example"}, {"no_proxy": "corp.example"}])
def test_services_find_each_other_without_a_proxy(monkeypatch, given):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    inherited = inherited_environment()
    assert inherited["NO_PROXY"] == inherited["no_proxy"]
    assert inherited["no_proxy"].split(",") == [*given.values(), HOST, "localhost"]


def test_addresses_follow_the_ports():
    assert Addresses.of(Ports(api=8001)).api == "http://127.0.0.1:8001"
