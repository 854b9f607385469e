import configparser
import json
import stat

from musicgen.demo import airflow_config
from musicgen.demo.airflow_config import AirflowSecrets, configuration, prepare, write_private
from musicgen.demo.services import Ports
from musicgen.settings import Settings


def read(settings, ports, secrets):
    parser = configparser.ConfigParser()
    parser.read_string(configuration(settings, ports, secrets))
    return parser


def test_secrets_are_made_once_for_this_machine_and_for_its_owner_only(tmp_path):
    first = AirflowSecrets.load(tmp_path)
    assert AirflowSecrets.load(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    other = tmp_path / "other"
    other.mkdir()
    assert AirflowSecrets.load(other).password != first.password


def test_the_fernet_key_is_one(tmp_path):
    from cryptography.fernet import Fernet

    key = AirflowSecrets.load(tmp_path).fernet_key
    assert Fernet(key).decrypt(Fernet(key).encrypt(b"x")) == b"x"


def test_configuration_keeps_to_the_loopback_and_to_our_directory(tmp_path):
    settings = Settings.from_environment({"MUSICGEN_HOME": str(tmp_path / "100% mine")})
    parser = read(settings, Ports(airflow=9000), AirflowSecrets.load(tmp_path))
    home = f"{tmp_path}/100% mine/airflow"
    assert parser["api"]["host"] == "127.0.0.1"
    assert parser["api"]["port"] == "9000"
    assert parser["core"]["execution_api_server_url"] == "http://127.0.0.1:9000/execution/"
    assert parser["database"]["sql_alchemy_conn"] == f"sqlite:///{home}/airflow.db"
    assert parser["logging"]["base_log_folder"] == f"{home}/logs"
    assert parser["core"]["load_examples"] == "False"


def test_a_private_file_replaces_an_open_one(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_people_read_the_password_from_ends_its_line(tmp_path, monkeypatch):
    monkeypatch.setattr(airflow_config, "_migrate", lambda *_: None)
    known = prepare(Settings.from_environment({"MUSICGEN_HOME": str(tmp_path)}), Ports())
    for name in ("passwords.json", "secrets.json"):
        assert (tmp_path / "airflow" / name).read_text().endswith("}\n"), name
    passwords = json.loads((tmp_path / "airflow" / "passwords.json").read_text())
    assert passwords == {"admin": known.password}
