"""What the service ``init`` does before all others: databases, schemas, a pool, a password.

It may run any number of times: at each start, and after each upgrade.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg2
from psycopg2 import sql

DATABASES = ("airflow", "mlflow")
GPU_POOL = "gpu"


def main() -> None:
    """Prepare everything, or end with what went wrong."""
    for name in DATABASES:
        make_database(name, os.environ[f"{name.upper()}_DATABASE_PASSWORD"])
    write_passwords(Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]))
    run("airflow", "db", "migrate")
    upgrade_mlflow(os.environ["MLFLOW_DATABASE_PASSWORD"])
    make_pool()


def make_database(name: str, password: str) -> None:
    """Make a database and a user of the same name who owns it; bring its password up to date."""
    connection = psycopg2.connect(dbname="postgres")  # the rest is in PGHOST, PGUSER and so on
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
            change = sql.SQL("ALTER ROLE" if cursor.fetchone() else "CREATE ROLE")
            role = sql.SQL("{} {} LOGIN PASSWORD {}")
            cursor.execute(role.format(change, sql.Identifier(name), sql.Literal(password)))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if not cursor.fetchone():
                # A server without a locale would give ASCII; the first template has no such ties.
                owned = sql.SQL("CREATE DATABASE {0} OWNER {0} ENCODING 'UTF8' TEMPLATE template0")
                cursor.execute(owned.format(sql.Identifier(name)))
    finally:
        connection.close()


def upgrade_mlflow(password: str) -> None:
    """Bring the schema of MLflow up to date; the server makes that of an empty database itself."""
    connection = psycopg2.connect(dbname="mlflow", user="mlflow", password=password)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('alembic_version')")
            known = cursor.fetchone()[0]
    finally:
        connection.close()
    if known:
        server = f"{os.environ['PGHOST']}:{os.environ['PGPORT']}"
        uri = f"postgresql+psycopg2://mlflow:{password}@{server}/mlflow"
        run("mlflow", "db", "upgrade", uri)


def make_pool() -> None:
    """Make the pool that trainings wait for, without which Airflow starts none.

    One that is there stays as it is: its slots are the operator's, and ``airflow pools set`` would
    overwrite them.
    """
    from airflow.models.pool import Pool  # takes seconds, and asks the database
    from airflow.utils.session import create_session

    with create_session() as session:
        if Pool.get_pool(GPU_POOL, session=session) is None:
            words = "Trainings, one at a time"
            Pool.create_or_update_pool(GPU_POOL, 1, words, include_deferred=False, session=session)


def run(*command: str) -> None:
    """Run a command, or end. What follows its third word stays unsaid: it may hold a password."""
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"{' '.join(command[:3])} failed; the lines above say why.")


def write_passwords(path: Path) -> None:
    """Write the file that Airflow's simple auth manager reads, for its owner alone.

    One that lies in Airflow's home is of an earlier version: workers can read there.
    """
    (Path(os.environ["AIRFLOW_HOME"]) / "passwords.json").unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        print(json.dumps({"admin": os.environ["AIRFLOW_ADMIN_PASSWORD"]}), file=stream)


if __name__ == "__main__":
    main()
