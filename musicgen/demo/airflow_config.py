"""Airflow's own directory: configuration, secrets and database, made on this machine."""

import base64
import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from musicgen.demo.services import (
    HOST,
    Addresses,
    Ports,
    airflow_environment,
    airflow_home,
    inherited_environment,
)
from musicgen.errors import MusicgenError
from musicgen.settings import PROJECT_PATH, Settings

USER = "admin"
TASKS_AT_ONCE = 4


@dataclass(frozen=True)
class AirflowSecrets:
    """What only this machine's Airflow knows; generated once and kept in a file of mode 0600."""

    password: str
    fernet_key: str
    api_secret_key: str
    jwt_secret: str

    @classmethod
    def load(cls, home_path: Path) -> "AirflowSecrets":
        """Read the secrets, generating them the first time."""
        path = home_path / "secrets.json"
        if path.exists():
            return cls(**json.loads(path.read_text()))
        fresh = cls(
            password=secrets.token_urlsafe(12),
            fernet_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            api_secret_key=secrets.token_hex(32),
            jwt_secret=secrets.token_hex(64),
        )
        write_private(path, f"{json.dumps(vars(fresh))}\n")
        return fresh


def prepare(settings: Settings, ports: Ports) -> AirflowSecrets:
    """Write Airflow's configuration and bring its database up to date; return the secrets.

    Raises:
        MusicgenError: the database could not be made; the message names the log.
    """
    home_path = airflow_home(settings)
    home_path.mkdir(parents=True, exist_ok=True)
    known = AirflowSecrets.load(home_path)
    write_private(home_path / "passwords.json", f"{json.dumps({USER: known.password})}\n")
    write_private(home_path / "airflow.cfg", configuration(settings, ports, known))
    _migrate(home_path, settings.home_path / "logs" / "airflow-migrate.log")
    return known


def configuration(settings: Settings, ports: Ports, known: AirflowSecrets) -> str:
    """Return ``airflow.cfg``: what differs from Airflow's defaults."""
    home_path = airflow_home(settings)
    base_url = Addresses.of(ports).airflow
    sections = {
        "core": {
            "dags_folder": PROJECT_PATH / "dags",
            "plugins_folder": PROJECT_PATH / "plugins",
            "load_examples": False,
            "executor": "LocalExecutor",
            "parallelism": TASKS_AT_ONCE,
            "fernet_key": known.fernet_key,
            "simple_auth_manager_users": f"{USER}:admin",
            "simple_auth_manager_passwords_file": home_path / "passwords.json",
            "execution_api_server_url": f"{base_url}/execution/",
        },
        "database": {"sql_alchemy_conn": f"sqlite:///{home_path}/airflow.db"},
        "logging": {"base_log_folder": home_path / "logs"},
        "api": {
            "host": HOST,
            "port": ports.airflow,
            "base_url": base_url,
            "workers": 1,
            "secret_key": known.api_secret_key,
            "instance_name": "musicgen",
        },
        "api_auth": {"jwt_secret": known.jwt_secret},
        # One scheduler on one machine: what it left behind when it was killed is taken up soon.
        "scheduler": {"orphaned_tasks_check_interval": 15},
        # A laptop that is busy training answers late, which Airflow would take for no answer.
        "workers": {"execution_api_timeout": 60},
        "dag_processor": {"refresh_interval": 30, "min_file_process_interval": 60},
    }
    text = ["# Written anew at each start; secrets are in secrets.json."]
    for section, options in sections.items():
        text.append(f"\n[{section}]")
        text += [f"{key} = {str(value).replace('%', '%%')}" for key, value in options.items()]
    return "\n".join(text) + "\n"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    temporary.replace(path)


def _migrate(home_path: Path, log_path: Path) -> None:
    """Bring the database up to date, unless this version of Airflow has done so before."""
    from importlib.metadata import version

    stamp_path = home_path / "migrated"
    wanted = version("apache-airflow")
    if stamp_path.exists() and stamp_path.read_text() == wanted:
        return
    log_path.parent.mkdir(parents=True, exist_ok=True)
    environment = {**inherited_environment(), **airflow_environment(home_path)}
    with log_path.open("wb") as log:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", "db", "migrate"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise MusicgenError(f"Airflow could not prepare its database; see {log_path}.")
    stamp_path.write_text(wanted)
