import importlib.util
import json
import sys
from pathlib import Path

import preflight
import pytest

PATH = Path(preflight.__file__).with_name("setup.py")


@pytest.fixture
def setup(tmp_path, monkeypatch):
    """The script, as if the project lay elsewhere with an environment that is ready."""
    spec = importlib.util.spec_from_file_location("bootstrap_setup", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "bootstrap").mkdir()
    for name in (*module.INPUTS, module.CUDA):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(module, "PROJECT", str(tmp_path))
    monkeypatch.setattr(module, "STAMP", str(tmp_path / "stamp.json"))
    monkeypatch.setattr(module, "PYTHON", sys.executable)
    monkeypatch.setenv("ACCELERATOR", "cpu")
    monkeypatch.setattr(module.page_scripts, "install", lambda *_: None)
    return module


def test_nothing_is_done_while_the_lock_is_unchanged(setup, tmp_path, monkeypatch):
    stamp = {"fingerprint": setup.fingerprint(setup.INPUTS), "seconds": 1}
    (tmp_path / "stamp.json").write_text(json.dumps(stamp))
    monkeypatch.setattr(setup, "run", lambda *command: pytest.fail(f"ran {command}"))
    setup.main()


def test_a_changed_lock_is_installed(setup, tmp_path, monkeypatch):
    stamp = {"fingerprint": setup.fingerprint(setup.INPUTS), "seconds": 1}
    (tmp_path / "stamp.json").write_text(json.dumps(stamp))
    (tmp_path / "requirements.txt").write_text("changed")
    commands = []
    monkeypatch.setattr(preflight, "check", lambda *_: sys.executable)
    monkeypatch.setattr(setup, "run", lambda *command: commands.append(command))
    setup.main()
    assert any("--require-hashes" in command for command in commands)
    assert any("--editable" in command for command in commands)
    stamp = json.loads((tmp_path / "stamp.json").read_text())
    assert stamp["fingerprint"] == setup.fingerprint(setup.INPUTS)


def test_a_gpu_gets_cudas_libraries_once(setup, monkeypatch):
    commands = []
    monkeypatch.setenv("ACCELERATOR", "gpu")
    monkeypatch.setattr(preflight, "check", lambda *_: sys.executable)
    monkeypatch.setattr(setup, "run", lambda *command: commands.append(command))
    setup.main()
    installed = len(commands)
    assert sum(command[-1].endswith("gpu.txt") for command in commands) == 1
    setup.main()
    assert len(commands) == installed


@pytest.mark.parametrize("text", ["", "{", "{}", '{"fingerprint": "other"}'])
def test_a_damaged_or_foreign_stamp_counts_as_none(setup, tmp_path, text):
    (tmp_path / "stamp.json").write_text(text)
    assert not setup.is_done(setup.fingerprint(setup.INPUTS))


def test_a_step_that_fails_ends_the_set_up_and_leaves_no_stamp(setup, tmp_path, monkeypatch):
    run = setup.run

    def fail_at_the_last(*command):
        if "--editable" in command:
            run(sys.executable, "-c", "raise SystemExit(3)")

    monkeypatch.setattr(preflight, "check", lambda *_: sys.executable)
    monkeypatch.setattr(setup, "run", fail_at_the_last)
    with pytest.raises(SystemExit, match="exit code 3"):
        setup.main()
    assert not (tmp_path / "stamp.json").exists()


def test_bytecode_is_compiled_even_where_the_user_has_turned_it_off(setup, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    code = "import sys; sys.exit(sys.dont_write_bytecode)"
    setup.run(sys.executable, "-c", code)


def test_uv_uses_the_index_that_pip_is_configured_for(setup, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    assert setup.index_options() == ["--default-index", "https://mirror.example/simple"]
