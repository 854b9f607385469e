"""Write ``.env``, the secrets of one installation: ``python3 compose/first_run.py``.

It needs Python's standard library alone. A file that is there keeps what it has, and only what it
lacks is added, so that an upgrade may run it again.
"""

import base64
import os
import secrets
import sys
from pathlib import Path

ENV_PATH = Path(__file__).resolve().parents[1] / ".env"
MAKERS = {
    "POSTGRES_PASSWORD": lambda: secrets.token_hex(24),
    "AIRFLOW_DATABASE_PASSWORD": lambda: secrets.token_hex(24),
    "MLFLOW_DATABASE_PASSWORD": lambda: secrets.token_hex(24),
    "AIRFLOW_ADMIN_PASSWORD": lambda: secrets.token_urlsafe(15),
    "AIRFLOW_API_SECRET_KEY": lambda: secrets.token_hex(32),
    "AIRFLOW_JWT_SECRET": lambda: secrets.token_hex(64),
    "AIRFLOW_FERNET_KEY": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
}


def write(path: Path) -> list[str]:
    """Add what the file lacks, readable by its owner alone; return the names that were added."""
    text = path.read_text() if path.exists() else ""
    known = {line.partition("=")[0].strip() for line in text.splitlines()}
    missing = [name for name in MAKERS if name not in known]
    if text and not text.endswith("\n"):
        text += "\n"
    text += "".join(f"{name}={MAKERS[name]()}\n" for name in missing)
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    temporary.replace(path)
    return missing


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ENV_PATH
    added = write(path)
    print(f"{path}: {', '.join(added) + ' made' if added else 'nothing was missing'}.")
