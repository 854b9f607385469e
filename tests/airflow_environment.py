"""Import this before ``airflow``: it then lives in a directory that goes with the process."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

PROJECT_PATH = Path(__file__).resolve().parents[1]


def _prepare() -> Path:
    home_path = Path(tempfile.mkdtemp(prefix="musicgen-airflow-"))
    atexit.register(shutil.rmtree, home_path, ignore_errors=True)
    os.environ.update(environment(home_path))
    return home_path


def environment(home_path: Path) -> dict[str, str]:
    """Return the variables that give Airflow a directory of its own and this project's files."""
    return {
        "AIRFLOW_HOME": str(home_path),
        "AIRFLOW_CONFIG": str(home_path / "airflow.cfg"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_PATH / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_PATH / "plugins"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home_path}/airflow.db",
    }


HOME_PATH = _prepare()
