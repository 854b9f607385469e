import shutil
import subprocess
from pathlib import Path

import page_scripts
import pytest

BOOTSTRAP = Path(page_scripts.__file__).parent


@pytest.fixture
def project(tmp_path) -> Path:
    """A project that asks for scripts, and an environment that has none."""
    shutil.copytree(BOOTSTRAP / "scripts", tmp_path / "bootstrap" / "scripts")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def commands(monkeypatch) -> list[list[str]]:
    """What would be run; npm is there."""
    ran = []
    monkeypatch.setattr(page_scripts.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", lambda command, **_: ran.append(command))
    return ran


def no_install(*arguments):
    pytest.fail(f"installed {arguments}")


def install(project, uv_install=no_install):
    page_scripts.install(str(project), str(project / ".venv"), uv_install)


def test_scripts_come_by_the_lock_once_and_run_nothing_of_their_own(project, commands):
    install(project)
    install(project)
    (command,) = commands
    assert command[:2] == ["npm", "ci"]
    assert "--ignore-scripts" in command


def test_a_changed_lock_is_fetched_anew(project, commands):
    install(project)
    (project / "bootstrap" / "scripts" / "package-lock.json").write_text("{}")
    install(project)
    assert len(commands) == 2


def test_a_machine_without_npm_gets_node_as_a_python_package(project, commands, monkeypatch):
    monkeypatch.setattr(page_scripts.shutil, "which", lambda name: None)
    asked = []
    install(project, lambda *arguments: asked.append(arguments))
    assert asked == [("--require-hashes", "-r", str(project / "bootstrap" / "node.txt"))]
    assert len(commands) == 1


def test_where_npm_cannot_be_reached_set_up_goes_on_and_tries_again(project, monkeypatch, capsys):
    def fail(command, **_):
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(page_scripts.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", fail)
    install(project)
    assert "light one" in capsys.readouterr().out
    assert not list((project / ".venv" / "share").iterdir())
    ran = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: ran.append(command))
    install(project)
    assert ran
