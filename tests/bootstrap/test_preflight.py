import os
import subprocess
import sys
from collections import namedtuple
from types import SimpleNamespace

import preflight
import pytest

VersionInfo = namedtuple("VersionInfo", "major minor")


def test_a_fitting_python_is_found():
    assert preflight.version_of(preflight.find_python()) == [3, 11]


def test_another_python_finds_the_right_one_on_the_path(tmp_path, monkeypatch):
    (tmp_path / "python3.11").symlink_to(os.path.realpath(sys.executable))
    monkeypatch.setattr(preflight.sys, "version_info", VersionInfo(3, 13))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert preflight.find_python() == str(tmp_path / "python3.11")


def test_no_fitting_python_is_one_line_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(preflight.sys, "version_info", VersionInfo(3, 13))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11, and this is 3\.13.*apt-get install"):
        preflight.find_python()


def test_a_python_that_does_not_run_has_no_version(tmp_path):
    broken = tmp_path / "python3.11"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    assert preflight.version_of(str(broken)) is None
    assert preflight.version_of(str(tmp_path / "absent")) is None


def test_a_python_without_a_module_has_no_version_either():
    assert preflight.version_of(sys.executable, "pip") == [3, 11]
    assert preflight.version_of(sys.executable, "no_such_module") is None


def test_a_python_without_venv_names_the_package(tmp_path):
    incomplete = tmp_path / "python"
    incomplete.write_text("#!/bin/sh\nexit 1\n")
    incomplete.chmod(0o755)
    with pytest.raises(SystemExit, match=r"python3\.11-venv"):
        preflight.check_venv(str(incomplete))
    preflight.check_venv(sys.executable)


def test_too_little_disk_is_one_line_with_the_remedy(monkeypatch):
    monkeypatch.setattr(
        preflight.shutil, "disk_usage", lambda path: SimpleNamespace(free=3 * 2**30)
    )
    with pytest.raises(SystemExit, match=r"/here has 3\.0 GiB free and musicgen needs 8"):
        preflight.check_disk("/here", preflight.DISK_BYTES)


def test_too_little_memory_is_one_line_with_the_remedy(monkeypatch):
    monkeypatch.setattr(preflight.os, "sysconf", lambda name: 2**12 if "SIZE" in name else 2**19)
    with pytest.raises(SystemExit, match=r"2\.1 GB of memory and musicgen needs 6"):
        preflight.check_memory()


def test_the_scripts_need_nothing_but_the_standard_library():
    code = (
        "import preflight, setup, sys; print('numpy' in sys.modules or 'musicgen' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": os.path.dirname(preflight.__file__)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("script", "found"),
    [("echo 'GPU 0: NVIDIA H200'", True), ("echo 'No devices'", False), ("exit 9", False)],
)
def test_a_gpu_is_one_that_the_driver_lists(tmp_path, monkeypatch, script, found):
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.delenv("ACCELERATOR", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert preflight.has_gpu() is found
    program.unlink()
    assert not preflight.has_gpu()
