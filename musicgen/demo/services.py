"""What runs beside the pipeline, as data. ``docker-compose.yaml`` tells the same for containers."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from musicgen.errors import BadInput
from musicgen.settings import Settings

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """TCP ports on the loopback interface; each has an environment variable ``<FIELD>_PORT``."""

    airflow: int = 8080
    mlflow: int = 5000
    api: int = 8000

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Ports":
        """Read the environment; a variable that is absent or empty leaves the default.

        Raises:
            BadInput: a variable holds no port number, or two of them the same.
        """
        chosen = {}
        for each in fields(cls):
            variable = f"{each.name.upper()}_PORT"
            text = environment.get(variable) or str(each.default)
            if not text.isdecimal() or not 0 < int(text) < 2**16:
                raise BadInput(f"{variable} is {text!r}; give a number from 1 to 65535.")
            chosen[each.name] = int(text)
        if len(set(chosen.values())) < len(chosen):
            raise BadInput(f"Two services were given one port: {chosen}. Give each its own.")
        return cls(**chosen)


@dataclass(frozen=True)
class Service:
    """A process that stays up.

    Attributes:
        name: of its pid file and its log.
        command: program and arguments.
        environment: added to that of the process that starts it.
        health_url: answers 200 once the service is ready.
        component: where the answer tells of several, the one that must be ``healthy``.
        port: that it listens on; None if it listens on none.
        port_variable: environment variable that moves the port.
    """

    name: str
    command: tuple[str, ...]
    health_url: str
    environment: Mapping[str, str] = field(default_factory=dict)
    component: str | None = None
    port: int | None = None
    port_variable: str | None = None


@dataclass(frozen=True)
class Addresses:
    """Base URLs of the services."""

    airflow: str
    mlflow: str
    api: str

    @classmethod
    def of(cls, ports: Ports) -> "Addresses":
        """Return the addresses on this machine."""
        return cls(
            **{each.name: f"http://{HOST}:{getattr(ports, each.name)}" for each in fields(cls)}
        )


def services(settings: Settings, ports: Ports) -> list[Service]:
    """Return all services in the order in which they start; they stop in reverse."""
    addresses = Addresses.of(ports)
    shared = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
        "MUSICGEN_HOME": str(settings.home_path),
        "MUSICGEN_BUCKET": settings.bucket_uri,
        "MUSICGEN_TRACKING_URI": addresses.mlflow,
        "MUSICGEN_API_URL": addresses.api,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        **airflow_environment(airflow_home(settings)),
    }
    serve = ("musicgen", "serve", "--host", HOST, "--port", str(ports.api))
    return [
        _mlflow(settings, ports, addresses),
        Service(
            "airflow-api-server",
            (sys.executable, "-m", "airflow", "api-server"),
            f"{addresses.airflow}/api/v2/version",
            shared,
            port=ports.airflow,
            port_variable="AIRFLOW_PORT",
        ),
        # Task logs are read from disk, so no log server has to listen.
        _airflow_component("scheduler", addresses, shared, "--skip-serve-logs"),
        _airflow_component("dag-processor", addresses, shared),
        _airflow_component("triggerer", addresses, shared, "--skip-serve-logs"),
        Service(
            "api",
            (sys.executable, "-m", *serve),
            f"{addresses.api}/healthz",
            shared,
            port=ports.api,
            port_variable="API_PORT",
        ),
    ]


def airflow_home(settings: Settings) -> Path:
    """Return the directory that holds Airflow's configuration, database and logs."""
    return settings.home_path / "airflow"


def airflow_environment(home_path: Path) -> dict[str, str]:
    """Return what points Airflow at our directory, never at one of the user's own."""
    return {"AIRFLOW_HOME": str(home_path), "AIRFLOW_CONFIG": str(home_path / "airflow.cfg")}


def inherited_environment() -> dict[str, str]:
    """Return this process's environment without what would lead Airflow elsewhere.

    What is on this machine is not asked for by way of a proxy.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AIRFLOW__")}
    direct = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    direct = ",".join(filter(None, (direct, HOST, "localhost")))
    return {**kept, "no_proxy": direct, "NO_PROXY": direct}


def _airflow_component(
    name: str, addresses: Addresses, environment: Mapping[str, str], *options: str
) -> Service:
    return Service(
        f"airflow-{name}",
        (sys.executable, "-m", "airflow", name, *options),
        f"{addresses.airflow}/api/v2/monitor/health",
        environment,
        component=name.replace("-", "_"),
    )


def _mlflow(settings: Settings, ports: Ports, addresses: Addresses) -> Service:
    home_path = settings.home_path / "mlflow"
    return Service(
        "mlflow",
        (
            *(sys.executable, "-m", "mlflow", "server"),
            *("--host", HOST, "--port", str(ports.mlflow), "--workers", "1"),
            *("--backend-store-uri", f"sqlite:///{home_path}/mlflow.db"),
            # As places on this disk, so that the command line can write to them without the server.
            *(
                "--default-artifact-root",
                (home_path / "artifacts").as_uri(),
                "--no-serve-artifacts",
            ),
        ),
        f"{addresses.mlflow}/health",
        # Background jobs (LLM evaluation) are not used here and take 277 MB.
        {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"},
        port=ports.mlflow,
        port_variable="MLFLOW_PORT",
    )
