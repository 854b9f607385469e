"""The backup and the restore that docs/COMPOSE.md has people paste."""

import os
import re
import subprocess

import compose_file
import pytest
import yaml

TEXT = (compose_file.PROJECT_PATH / "docs" / "COMPOSE.md").read_text()
BACKUP, RESTORE = (
    block for block in re.findall(r"```\n(.*?)```", TEXT, re.DOTALL) if "backup.sql" in block
)
# Stands in for docker: writes down what it is asked, and fails when it is asked for the n-th time.
DOCKER = """#!/bin/sh
echo "$*" >>asked
test "$(wc -l <asked)" -ne "$FAILS_AT"
"""


@pytest.fixture
def paste(tmp_path):
    """Paste a block into a shell; return what docker was asked."""
    docker = tmp_path / "docker"
    docker.write_text(DOCKER)
    docker.chmod(0o755)

    def run(block, fails_at=0):
        path = f"{tmp_path}:{os.environ['PATH']}"
        environment = {"PATH": path, "FAILS_AT": str(fails_at)}
        (tmp_path / "asked").unlink(missing_ok=True)
        subprocess.run(["bash", "-c", block], cwd=tmp_path, env=environment, check=False)
        return (tmp_path / "asked").read_text().splitlines()

    return run


def test_all_volumes_but_those_that_are_made_again_are_saved_and_restored():
    named = yaml.safe_load(compose_file.COMPOSE_PATH.read_text())["volumes"]
    kept = set(named) - {"airflow", "passwords", "postgres"}
    for block in (BACKUP, RESTORE):
        assert set(re.findall(r"--volume musicgen_(\w+):", block)) == kept


@pytest.mark.parametrize("block", [BACKUP, RESTORE])
def test_a_pasted_block_stops_where_something_fails(block, paste, tmp_path):
    (tmp_path / "backup.sql").touch()
    whole = paste(block)
    assert len(whole) == block.count("docker ")
    for number in range(1, len(whole)):
        assert paste(block, fails_at=number) == whole[:number]


def test_a_restore_waits_for_the_server_and_needs_the_backup(paste):
    # While it makes its first database, PostgreSQL listens to a socket only, and starts again.
    assert paste(RESTORE) == ["compose up --detach --wait postgres"]
    assert "psql -h 127.0.0.1 " in RESTORE
