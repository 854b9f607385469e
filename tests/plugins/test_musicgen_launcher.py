import pytest
from musicgen_launcher import LocalLauncher, launcher

from musicgen.errors import BadInput


def test_stages_run_here_unless_told_otherwise(monkeypatch):
    monkeypatch.delenv("MUSICGEN_RUNTIME", raising=False)
    assert isinstance(launcher("train", {}, 60), LocalLauncher)


def test_an_unknown_runtime_names_the_known_ones(monkeypatch):
    monkeypatch.setenv("MUSICGEN_RUNTIME", "moon")
    with pytest.raises(BadInput, match="'moon', but stages can run on: gcp, local"):
        launcher("train", {}, 60)


def test_the_local_launcher_runs_the_command_line():
    lines = []
    with pytest.raises(BadInput, match="/nowhere"):
        LocalLauncher().run(["validate", "/nowhere"], {}, lines.append)
    assert len(lines) == 1


def test_stop_with_nothing_running_does_nothing():
    LocalLauncher().stop()
