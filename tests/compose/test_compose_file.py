"""What the compose file promises, without a container engine; ``make compose-check`` has one."""

import re
from dataclasses import fields
from pathlib import Path

import compose_file
import first_run
import pytest

PROJECT_PATH = Path(__file__).resolve().parents[2]
PATHS = [PROJECT_PATH / f"docker-compose{each}.yaml" for each in ("", ".gpu", ".gcp")]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    path = tmp_path_factory.mktemp("first") / ".env"
    first_run.write(path)
    return compose_file.read_env(path)


@pytest.fixture(scope="module")
def services(environment):
    return compose_file.load(environment)["services"]


def test_the_files_keep_to_the_specification():
    assert compose_file.violations(*PATHS) == ""


def test_an_offence_against_the_specification_is_found(tmp_path):
    path = tmp_path / "compose.yaml"
    path.write_text("services: {one: {image: a:1, helthcheck: {}}}\n")
    assert "helthcheck" in compose_file.violations(path)


def test_a_first_run_writes_what_the_file_asks_for_and_nobody_else_may_read_it(tmp_path):
    path = tmp_path / ".env"
    assert first_run.write(path)
    assert path.stat().st_mode & 0o777 == 0o600
    asked = re.findall(r"\$\{(\w+):\?", PATHS[0].read_text())
    assert set(asked) == set(compose_file.read_env(path))


def test_another_first_run_keeps_secrets_and_adds_what_is_missing(tmp_path):
    path = tmp_path / ".env"
    path.write_text("POSTGRES_PASSWORD=mine")
    first_run.write(path)
    before = path.read_text()
    assert compose_file.read_env(path)["POSTGRES_PASSWORD"] == "mine"
    assert first_run.write(path) == []
    assert path.read_text() == before


def test_two_installations_have_no_secret_in_common(environment, tmp_path):
    first_run.write(tmp_path / ".env")
    other = compose_file.read_env(tmp_path / ".env")
    assert not set(other.values()) & set(environment.values())


def test_nothing_starts_without_its_secrets():
    with pytest.raises(KeyError, match=r"run python3 compose/first_run.py first"):
        compose_file.load({})


def test_what_is_set_to_nothing_is_an_empty_string_as_for_compose(services):
    for service in services.values():
        assert None not in service.get("environment", {}).values()
    assert services["airflow-worker"]["environment"]["MUSICGEN_GCP_PROJECT"] == ""


def test_a_default_may_name_another_variable():
    text = "${URL:-http://here:${PORT:-80}}/${PATH}"
    assert compose_file.interpolated(text, {}) == "http://here:80/"
    assert compose_file.interpolated(text, {"PORT": "81"}) == "http://here:81/"
    assert compose_file.interpolated(text, {"PORT": "81", "URL": "https://a"}) == "https://a/"


def test_no_secret_has_a_default():
    defaults = re.findall(r"\$\{(\w+):-[^}]", PATHS[0].read_text())
    assert not [name for name in defaults if re.search("PASSWORD|SECRET|KEY", name)]


def test_every_service_is_bounded_and_none_is_root(services):
    for name, service in services.items():
        assert "mem_limit" in service, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["restart"], name
        assert service.get("user", "spark") != "root", name
        assert not service["image"].endswith("postgres:latest"), name
    assert re.search(r"^USER spark$", (PROJECT_PATH / "Dockerfile").read_text(), re.MULTILINE)


def test_every_service_that_stays_up_says_whether_it_is_well(services):
    assert {name for name, each in services.items() if "healthcheck" not in each} == {"init"}
    for service in services.values():
        conditions = [each["condition"] for each in service.get("depends_on", {}).values()]
        assert "service_started" not in conditions


def test_a_worker_knows_no_database_and_no_key_but_that_of_its_requests(services, environment):
    told = services["airflow-worker"]["environment"].values()
    secrets = {name for name, value in environment.items() if any(value in str(t) for t in told)}
    assert secrets == {"AIRFLOW_JWT_SECRET"}


def test_passwords_are_seen_by_nobody_but_who_writes_and_who_asks_them(services):
    path = services["init"]["environment"]["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]
    mounts = [mount.split(":") for mount in services["init"]["volumes"]]
    (volume,) = [source for source, target in mounts if path.startswith(f"{target}/")]
    seen_by = {
        name
        for name, service in services.items()
        if volume in [mount.partition(":")[0] for mount in service["volumes"]]
    }
    assert seen_by == {"init", "airflow-api-server"}


def test_tasks_know_where_browsers_find_airflow(environment):
    def told(more):
        services = compose_file.load(environment | more)["services"]
        names = ("airflow-worker", "airflow-triggerer", "airflow-api-server")
        (url,) = {services[name]["environment"]["AIRFLOW__API__BASE_URL"] for name in names}
        return url

    assert told({"AIRFLOW_PORT": "8081"}) == "http://127.0.0.1:8081"
    assert told({"AIRFLOW_URL": "https://airflow.example.org"}) == "https://airflow.example.org"


def test_mlflows_page_works_behind_the_proxy_that_it_is_told_of(environment):
    from mlflow.cli import cli as mlflow
    from mlflow.server.security_utils import should_block_cors_request

    url = "https://mlflow.example.org"
    told = compose_file.load(environment | {"MLFLOW_URL": url})["services"]["mlflow"]["command"]
    server = mlflow.get_command(None, "server").make_context("server", told[2:])
    allowed = server.params["cors_allowed_origins"].split(",")
    assert not should_block_cors_request(url, "POST", allowed)
    assert should_block_cors_request("https://elsewhere.example.org", "POST", allowed)


def test_every_setting_of_the_cloud_reaches_the_tasks(services):
    from musicgen_gcp.settings import PREFIX, GcpSettings

    known = {f"{PREFIX}{each.name.upper()}" for each in fields(GcpSettings)}
    told = services["airflow-worker"]["environment"]
    assert {name for name in told if name.startswith(PREFIX)} == known


def test_ports_are_on_the_loopback_interface_only(services):
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_volumes_are_named_and_their_mount_points_are_the_users(environment, services):
    named = set(compose_file.load(environment)["volumes"])
    mounts = [mount.split(":") for each in services.values() for mount in each["volumes"]]
    assert {source for source, _ in mounts} == named
    owned = re.search(r"chown spark:spark (.*)", (PROJECT_PATH / "Dockerfile").read_text())[1]
    assert {target for source, target in mounts if source != "postgres"} <= set(owned.split())


def test_keys_outlive_the_container_of_the_api(services):
    home = re.search(r"MUSICGEN_HOME=(\S+)", (PROJECT_PATH / "Dockerfile").read_text())[1]
    assert f"api:{home}" in services["api"]["volumes"]


def test_services_start_after_those_that_they_need(services):
    order = compose_file.in_order(services)
    assert order[:2] == ["postgres", "init"]
    assert order.index("mlflow") < order.index("airflow-worker")
