import subprocess
from pathlib import Path

import page_scripts
import pytest

SCRIPT = Path(page_scripts.__file__).with_name("browser.sh")


@pytest.fixture
def machine(tmp_path):
    """Return a function that runs the script where just the given commands exist."""

    def run(**commands: str) -> subprocess.CompletedProcess:
        for name, text in commands.items():
            path = tmp_path / name.replace("_", "-")
            path.write_text(f"#!/bin/sh\n{text}\n")
            path.chmod(0o755)
        environment = {"PATH": str(tmp_path), "LOG": str(tmp_path / "log")}
        return subprocess.run(
            ["/bin/sh", SCRIPT], env=environment, capture_output=True, text=True, check=False
        )

    return run


@pytest.mark.parametrize("name", ["chromium", "google_chrome"])
def test_a_browser_that_is_there_is_enough(machine, name):
    result = machine(**{name: "exit 0"})
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_root_has_it_installed(machine, tmp_path):
    result = machine(id="echo 0", apt_get='echo "$@" >>"$LOG"')
    assert result.returncode == 0
    assert (tmp_path / "log").read_text().splitlines()[-1].endswith("chromium")


@pytest.mark.parametrize(
    "commands",
    [
        {"id": "echo 1000", "apt_get": "exit 0"},
        {"id": "echo 0"},
        {"id": "echo 0", "apt_get": "false"},
    ],
)
def test_who_may_not_install_is_told_what_to_do(machine, commands):
    result = machine(**commands)
    assert result.returncode == 2
    assert "apt-get install chromium" in result.stderr
